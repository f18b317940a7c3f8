#include "core/jobs/architectures.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heirloom::jobs {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(const ArchSpec& spec) {
  const auto values = arch_values(spec);
  if (values) return "accepted";
  EXPECT_EQ(values.error().kind, base::ErrorKind::usage);
  return values.error().text();
}

TEST(Architectures, AreSortedAndTheirDefaultsAreInRange) {
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  EXPECT_TRUE(std::is_sorted(architectures().begin(), architectures().end(), by_name));
  for (const Architecture& architecture : architectures()) {
    EXPECT_TRUE(
        std::is_sorted(architecture.parameters.begin(), architecture.parameters.end(), by_name))
        << architecture.name;
    ArchSpec spec{std::string(architecture.name), {}};
    for (const ArchParameter& parameter : architecture.parameters) {
      spec.parameters[std::string(parameter.name)] = parameter.default_text();
    }
    const auto written = arch_values(spec);
    ASSERT_TRUE(written.has_value()) << written.error().text();
    for (const ArchParameter& parameter : architecture.parameters) {
      EXPECT_EQ((*written)[parameter.name], parameter.default_value);
    }
  }
}

TEST(Architectures, TakeWhatIsWrittenAndTheDefaultsForTheRest) {
  const ArchValues values = arch_values({"resnext", {{"depth", "38"}}}).value();
  EXPECT_EQ(values["depth"], 38);
  EXPECT_EQ(values["cardinality"], 8);
  EXPECT_THROW(static_cast<void>(values["growth"]), std::logic_error);
  EXPECT_EQ(arch_values({"vgg", {{"depth", "19"}}}).value()["depth"], 3);  // the fourth word
}

TEST(Architectures, RefuseIntegersOutOfRangeOrStep) {
  for (const char* bad : {"", "26.0", "+26", " 26", "26x", "0x1a", "-26", "27", "1208", "2"}) {
    EXPECT_THAT(
        refusal({"resnet", {{"depth", bad}}}),
        AllOf(HasSubstr("depth of resnet"), HasSubstr("8, 14, 20, ..., 1202"), HasSubstr("6n + 2")))
        << bad;
  }
  EXPECT_THAT(refusal({"mlp", {{"width", "0"}}}), HasSubstr("not an integer from 1 to 16384"));
}

TEST(Architectures, RefuseWordsThatAreNotOfTheList) {
  EXPECT_THAT(refusal({"regnet", {{"size", "200MF"}}}),
              HasSubstr("size of regnet is \"200MF\", not 200mf, 400mf, 600mf or 800mf"));
  EXPECT_THAT(refusal({"vgg", {{"depth", "12"}}}), HasSubstr("not 11, 13, 16 or 19"));
}

TEST(Architectures, SuggestTheNearestName) {
  EXPECT_THAT(refusal({"wideresnt", {}}), HasSubstr("did you mean wideresnet?"));
  EXPECT_THAT(refusal({"vit", {{"head", "2"}}}), HasSubstr("did you mean heads?"));
  EXPECT_THAT(refusal({"linear", {{"width", "2"}}}), HasSubstr("linear takes no parameters"));
}

// One section of the reference page: what the list says of an architecture.
std::string section_of(const Architecture& architecture) {
  std::ostringstream out;
  out << "## " << architecture.name << "\n\n" << architecture.summary << ".\n";
  if (architecture.parameters.empty()) return out.str();
  out << "\n| parameter | values | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const ArchParameter& parameter : architecture.parameters) {
    out << "| `" << parameter.name << "` | " << parameter.range_text() << " | "
        << parameter.default_text() << " | " << parameter.meaning << " |\n";
  }
  return out.str();
}

TEST(Architectures, TheReferencePageSaysWhatTheListSays) {
  std::ifstream file(HEIRLOOM_ARCHITECTURES_PAGE);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  std::size_t sections = 0;
  for (std::size_t at = page.find("\n## "); at != std::string::npos;
       at = page.find("\n## ", at + 1)) {
    ++sections;
  }
  EXPECT_EQ(sections, architectures().size());
  for (const Architecture& architecture : architectures()) {
    EXPECT_THAT(page, HasSubstr("\n" + section_of(architecture)));
  }
}

}  // namespace
}  // namespace heirloom::jobs
