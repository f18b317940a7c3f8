#include "core/certificate/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/certificate/tsv.h"
#include "tests/certificate/samples.h"

namespace heirloom::certificate {
namespace {

using test::replaced;
using test::sample_certificate;
using testing::HasSubstr;

Log sample_log() {
  const Certificate certificate = sample_certificate();
  Log log;
  log.form = Form::json;
  log.examples = certificate.examples;
  log.protocol = certificate.protocol;
  log.whole_protocol = true;
  log.protocol_id = certificate.protocol.id();
  log.model_sha256 = certificate.model_sha256;
  return log;
}

std::string sample_text() {
  return to_json(sample_log()).value();
}

TEST(JsonLog, SurvivesARoundTripWithItsWholeProtocol) {
  const auto read = log_from_json(sample_text(), "c.json");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->examples, sample_certificate().examples);
  EXPECT_TRUE(read->whole_protocol);
  EXPECT_EQ(read->protocol_id, sample_certificate().protocol.id());
  EXPECT_EQ(read->protocol->kernel, "float32");
  EXPECT_EQ(read->model_sha256, base::sha256("model"));
  EXPECT_EQ(to_json(*read).value(), sample_text());
}

TEST(JsonLog, KeepsWhatASupersetKnows) {
  const auto superset = log_from_tsv(to_tsv(sample_certificate()), "ours");
  ASSERT_TRUE(superset.has_value());
  const auto read = log_from_json(to_json(*superset).value(), "c.json");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_FALSE(read->whole_protocol);
  EXPECT_FALSE(read->model_sha256.has_value());
  EXPECT_EQ(read->protocol_id, superset->protocol_id);
  EXPECT_EQ(to_superset_tsv(*read).value(), to_tsv(sample_certificate()));
}

TEST(JsonLog, HasTheSameTableAsTheSuperset) {
  EXPECT_EQ(to_superset_tsv(sample_log()).value(), to_tsv(sample_certificate()));
}

TEST(JsonLog, IsNotWrittenFromRadiiAlone) {
  Log log = sample_log();
  log.form = Form::paper;
  EXPECT_EQ(to_json(log).error().kind, base::ErrorKind::usage);
  EXPECT_EQ(to_superset_tsv(log).error().kind, base::ErrorKind::usage);
}

std::string refusal(const std::string& from, const std::string& to) {
  const auto read = log_from_json(replaced(sample_text(), from, to), "c.json");
  return read.has_value() ? "was read" : read.error().message;
}

TEST(JsonLog, NamesTheExampleThatIsWrong) {
  const std::string second = "c.json: example 2 (idx 4): ";
  for (const auto& [from, to, message] :
       {std::tuple{R"("idx": 4, "label": 0)", R"("idx": 4, "label": -1)", "label is negative"},
        std::tuple{R"("idx": 4, "label": 0)", R"("idx": 4, "label": "zero")", "label is not such"},
        std::tuple{R"("idx": 4, "label": 0)", R"("idx": 4)", "label is missing"},
        std::tuple{R"("idx": 4, "label": 0)", R"("idx": 4, "label": 0, "extra": 1)",
                   "there is no field \"extra\""},
        std::tuple{R"(-1, "radius": 0)", R"(-1, "radius": 0.5)", "an abstention has a radius"},
        std::tuple{R"(-1, "radius": 0)", R"(-1, "radius": -0.5)", "radius is negative"},
        std::tuple{R"("n_a": 510)", R"("n_a": 1001)", "n_a is larger than n"},
        std::tuple{R"("n_a": 510)", R"("n_a": 510.5)", "n_a is not such an integer"},
        std::tuple{R"("n_a": 510)", R"("n_a": 400)", "p_lower 0.46"}}) {
    EXPECT_THAT(refusal(from, to), HasSubstr(second + message)) << to;
  }
  EXPECT_THAT(refusal("\"idx\": 4", "\"idx\": 3"), HasSubstr("example 2 (idx 3): this idx"));
  EXPECT_THAT(refusal("\"idx\": 4", "\"idx\": 2"), HasSubstr("example 2 (idx 2): comes after"));
  EXPECT_THAT(refusal("\"idx\": 4", "\"idx\": -4"), HasSubstr("example 2: idx is not"));
  EXPECT_THAT(refusal("{\"idx\": 4", "7, {\"idx\": 4"), HasSubstr("example 2: is not an object"));
}

TEST(JsonLog, NamesTheLineWhereItStopsBeingJson) {
  EXPECT_THAT(refusal("\"idx\": 4", "\"idx\" 4"), HasSubstr("c.json:5: not JSON"));
  EXPECT_THAT(refusal("\"radius\": 0,", "\"radius\": NaN,"), HasSubstr("c.json:5: not JSON"));
  EXPECT_THAT(refusal("\"radius\": 0,", "\"radius\": 1e999,"), HasSubstr("c.json: a number is"));
  EXPECT_THAT(
      log_from_json(sample_text().substr(0, sample_text().size() / 2), "c.json").error().message,
      HasSubstr("not JSON, or damaged"));
}

TEST(JsonLog, RefusesFieldsGivenTwiceAndTextNestedWithoutEnd) {
  EXPECT_THAT(refusal("\"idx\": 4", "\"idx\": 4, \"idx\": 5"), HasSubstr("\"idx\" is given twice"));
  std::string deep = "{\"protocol\": {\"holdout_id\": ";
  for (int i = 0; i < 200000; ++i) deep += '[';
  for (int i = 0; i < 200000; ++i) deep += ']';
  EXPECT_THAT(log_from_json(deep + "}}", "c.json").error().message, HasSubstr("nested too deeply"));
}

TEST(JsonLog, RefusesAProtocolThatIsNotItsOwn) {
  EXPECT_THAT(refusal("\"n0\":100", "\"n0\":99"), HasSubstr("c.json: protocol: "));
  EXPECT_THAT(refusal("\"idx\": 8", "\"idx\": 9"),
              HasSubstr("the examples are not those that the protocol names"));
}

TEST(JsonLog, RefusesAnotherDocument) {
  const auto message = [](const char* text) {
    return log_from_json(text, "c.json").error().message;
  };
  EXPECT_THAT(message("{}"), HasSubstr("c.json: document: protocol is missing"));
  EXPECT_THAT(message(R"({"metrics": {}, "protocol": {}})"), HasSubstr("without their examples"));
  const std::string sampling =
      R"({"protocol": {"mode": "exact", "n0": 1, "n": 9, "alpha": 0.1, "sigma": 1}, )";
  EXPECT_THAT(message(R"({"protocol": {"mode": "exact", "n0": 1, "n": 9, "alpha": 0.7, "sigma": 1},
                          "model_sha256": null, "examples": [1]})"),
              HasSubstr("c.json: protocol: alpha is not within"));
  EXPECT_THAT(message((sampling + R"("model_sha256": null, "examples": []})").c_str()),
              HasSubstr("there are no examples"));
  EXPECT_THAT(message((sampling + R"("model_sha256": null, "examples": {}})").c_str()),
              HasSubstr("examples is not a list"));
  EXPECT_THAT(message((sampling + R"("model_sha256": 3, "examples": [1]})").c_str()),
              HasSubstr("c.json: model_sha256: "));
}

}  // namespace
}  // namespace heirloom::certificate
