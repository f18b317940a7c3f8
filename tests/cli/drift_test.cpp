#include "cli/render/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/samples.h"

namespace heirloom::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Json tested(const std::string& band, bool alarm) {
  return {{"id", 7},
          {"snapshot", "s3"},
          {"champion", "g2"},
          {"reference_snapshot", "s1"},
          {"planned_at", "2026-11-28T05:30:00.000Z"},
          {"state", "tested"},
          {"band", band},
          {"alarm", alarm},
          {"acknowledged", nullptr},
          {"summary", "softmax outputs are 0.310 off (class 3)"},
          {"error", nullptr},
          {"sealed", false},
          {"stability", 0.125},
          {"reference", {{"examples", 6000}, {"certified", 5700}, {"right", 5600}}},
          {"batch", {{"examples", 200}, {"certified", 150}, {"right", 140}}},
          {"tests",
           {{{"test", "bbsd_ks"},
             {"band", band},
             {"effect", 0.31},
             {"p_value", 2e-9},
             {"statistic", 0.31},
             {"limit", 2.9e-5}},
            {{"test", "certified_coverage"},
             {"band", "none"},
             {"effect", 0.2},
             {"p_value", nullptr},
             {"statistic", 123.0},
             {"limit", 35064.0}}}}};
}

TEST(DriftText, ShowsEachTestWithWhatItFoundAndWhenItAlarms) {
  const std::string shown = render_drift(tested("drift", true), {80, false, true});
  EXPECT_THAT(shown, AllOf(HasSubstr("g2, judged on the holdout of s1"),
                           HasSubstr("150 of 200 certified, 140 for their label"),
                           HasSubstr("5,700 of 6,000"), HasSubstr("index 0.125")));
  EXPECT_THAT(shown, HasSubstr("bbsd_ks             drift   0.310  p 2e-09   2.9e-05"));
  EXPECT_THAT(shown, HasSubstr("certified_coverage  none    0.200  sum 123  3.51e+04"));
}

TEST(DriftText, ListsTestsAndWhichAlarmsWereSeen) {
  Json seen = tested("drift", true);
  seen["acknowledged"] = {{"actor", "uid:7"}, {"reason", "known"}, {"at", "2026-11-28T06:00:00Z"}};
  Json failed = tested("", false);
  failed["state"] = "failed";
  failed["summary"] = nullptr;
  failed["error"] = "the files are gone";
  const std::string list =
      render_drift_list({{"checks", {tested("drift", true), seen, failed}}}, {100, false, true});
  EXPECT_THAT(list, AllOf(HasSubstr("alarm"), HasSubstr("seen"), HasSubstr("failed"),
                          HasSubstr("the files are gone")));
}

TEST(DriftText, KeepsQuietAboutWhatIsSealed) {
  Json sealed = tested("drift", true);
  sealed["sealed"] = true;
  for (const char* field : {"summary", "reference", "batch"}) sealed[field] = nullptr;
  for (Json& test : sealed["tests"]) {
    for (const char* field : {"effect", "p_value", "statistic"}) test[field] = nullptr;
  }
  const std::string shown = render_drift(sealed, {80, false, true});
  EXPECT_THAT(shown, AllOf(HasSubstr("drift"), HasSubstr("figures are sealed")));
  EXPECT_THAT(shown, Not(HasSubstr("0.310")));
}

TEST(DriftText, FitsALineOfTheStatus) {
  Json drift = tested("drift", true);
  drift["standing"] = true;
  EXPECT_THAT(drift_line(drift), HasSubstr("s3: drift, an alarm stands, "));
  EXPECT_EQ(drift_line(nullptr), "");
}

}  // namespace
}  // namespace heirloom::cli
