#include "cli/render/summary.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/render/bar.h"
#include "cli/render/findings.h"
#include "cli/render/format.h"
#include "cli/render/metrics.h"
#include "cli/render/table.h"

namespace heirloom::cli {
namespace {

using Ends = std::pair<std::optional<double>, std::optional<double>>;

Ends ends_of(const Json& intervals, std::string_view key) {
  const Json& pair = items(intervals, key);
  if (pair.size() != 2 || !pair[0].is_number() || !pair[1].is_number()) return {};
  return {pair[0].get<double>(), pair[1].get<double>()};
}

// "0.736 (0.721 to 0.751)"
std::string with_interval(std::string (*shown)(std::optional<double>), std::optional<double> value,
                          const Ends& ends) {
  if (!ends.first || !ends.second) return shown(value);
  return fmt::format("{} ({} to {})", shown(value), shown(ends.first), shown(ends.second));
}

std::string quantiles_in_words(const Json& quantiles) {
  std::string words;
  for (const auto& [share, bound] : quantiles.items()) {
    const double value = bound.is_number() ? bound.get<double>() : 0.0;
    words += fmt::format("{}{:g}%: {}", words.empty() ? "" : ", ", std::stod(share) * 100.0,
                         value > 0.0 ? fmt::format("{:.4f}", value) : "none");
  }
  return words;
}

std::vector<Fact> facts_of(const Json& summary) {
  const Json& intervals = field(summary, "intervals");
  std::vector<Fact> facts = {
      {"examples", {grouped(integer(summary, "n"))}},
      {"acr", {with_interval(decimal, number(summary, "acr"), ends_of(intervals, "acr"))}},
      {"abstain",
       {with_interval(percent, number(summary, "abstain_rate"),
                      ends_of(intervals, "abstain_rate"))}}};
  if (const auto sigma = number(summary, "sigma")) {
    facts.push_back({"sigma", {fmt::format("{}", *sigma)}});
  }
  if (const Json& quantiles = field(summary, "p_lower_quantiles"); quantiles.is_object()) {
    facts.push_back({"p_lower", {quantiles_in_words(quantiles)}});
  }
  if (const auto confidence = number(summary, "confidence")) {
    facts.push_back({"intervals", {fmt::format("{:g}% each", *confidence * 100.0)}});
  }
  return facts;
}

std::string render_curve(const Json& summary, const Style& style) {
  constexpr std::size_t kBar = 30;
  const Json& intervals = field(field(summary, "intervals"), "certified_accuracy");
  const Json& proven = field(summary, "proven_accuracy");
  std::vector<std::vector<Cell>> rows;
  for (const auto& [radius, share] : field(summary, "certified_accuracy").items()) {
    const std::optional<double> value =
        share.is_number() ? std::optional(share.get<double>()) : std::nullopt;
    const Ends ends = ends_of(intervals, radius);
    rows.push_back({{radius},
                    {percent(value)},
                    {percent(ends.first)},
                    {percent(ends.second)},
                    {proven.is_object() ? percent(number(proven, radius)) : ""},
                    {value_bar(value.value_or(0), kBar, style)}});
  }
  return render_table({{"RADIUS", true},
                       {"CERTIFIED", true},
                       {"LOWER", true, 2},
                       {"UPPER", true, 2},
                       {"PROVEN", true, 3},
                       {"", false, 1}},
                      rows, style);
}

// Of many classes the weakest at `radius`.
constexpr std::size_t kMostClasses = 20;
std::vector<std::string> shown_classes(const Json& classes, const std::string& radius) {
  std::vector<std::string> labels;
  for (const auto& [label, shares] : classes.items()) labels.push_back(label);
  if (labels.size() <= kMostClasses) return labels;
  std::stable_sort(labels.begin(), labels.end(), [&](const auto& one, const auto& other) {
    const auto share = [&](const std::string& label) {
      return number(field(field(classes, label), "certified_accuracy"), radius).value_or(0.0);
    };
    return share(one) < share(other);
  });
  labels.resize(kMostClasses);
  return labels;
}

std::string render_classes(const Json& summary, const Style& style) {
  const Json& classes = field(summary, "per_class");
  if (!classes.is_object() || classes.size() < 2) return {};
  // The radii that tables of generations show too; a class is looked at for a weakness there.
  std::vector<std::string> radii = {"0.00"};
  const Json as_generation = Json::array({{{"metrics", summary}}});
  for (const std::string& radius : telling_radii(as_generation)) radii.push_back(radius);
  std::vector<Column> columns = {{"CLASS", true}, {"EXAMPLES", true}};
  for (const std::string& radius : radii) columns.push_back({"CERT@" + radius, true});
  std::vector<std::vector<Cell>> rows;
  for (const std::string& label : shown_classes(classes, radii.back())) {
    const Json& shares = field(classes, label);
    std::vector<Cell> row = {{label}, {grouped(integer(shares, "n"))}};
    for (const std::string& radius : radii) {
      row.push_back({percent(number(field(shares, "certified_accuracy"), radius))});
    }
    rows.push_back(std::move(row));
  }
  std::string out = "\n" + render_table(columns, rows, style);
  if (rows.size() < classes.size()) {
    out += fmt::format("the {} weakest of {} classes\n", rows.size(), classes.size());
  }
  return out;
}

}  // namespace

std::string render_summary(const Json& summary, const Style& style) {
  std::vector<std::string> notes;
  for (const Json& warning : items(summary, "warnings")) {
    if (warning.is_string()) notes.push_back("warning: " + warning.get<std::string>());
  }
  std::string out = render_facts(facts_of(summary), style) + "\n" + render_curve(summary, style) +
                    render_classes(summary, style);
  if (!notes.empty()) out += "\n" + render_findings(notes, style);
  return out;
}

}  // namespace heirloom::cli
