#include "config/threshold_yaml.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "config/yaml_scalar.h"
#include "config/yaml_words.h"

namespace heirloom::config {
namespace {

using policies::Baseline;
using policies::Comparison;
using policies::Metric;
using policies::Threshold;

struct Value {
  Baseline baseline = Baseline::absolute;
  double number = 0.0;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// NUMBER, `champion - NUMBER` or `root - NUMBER`; with `sign` +, `champion + NUMBER`.
std::optional<Value> parse_value(std::string_view text, char sign) {
  Value value;
  for (const Baseline baseline : {Baseline::champion, Baseline::root}) {
    if (!text.starts_with(policies::to_string(baseline))) continue;
    text = trimmed(text.substr(policies::to_string(baseline).size()));
    if (!text.starts_with(sign)) return std::nullopt;
    text = trimmed(text.substr(1));
    if (text.starts_with('-')) return std::nullopt;  // "champion - -0.1" asks for more, not less
    value.baseline = baseline;
    break;
  }
  const auto number = decimal_number(text);
  if (!number) return std::nullopt;
  value.number = *number;
  return value;
}

void read_value(YamlReader& reader, const char* key, Threshold& threshold) {
  const YamlNode* node = reader.raw(key);
  if (node == nullptr) return;
  const bool relative_allowed = policies::may_be_relative(threshold.metric);
  const char sign = threshold.comparison == Comparison::at_most ? '+' : '-';
  const auto value = node->kind == YamlNode::Kind::scalar && !node->quoted
                         ? parse_value(node->text, sign)
                         : std::nullopt;
  if (!value) {
    reader.report(
        key,
        fmt::format(
            "`{}` {}, must be {}", reader.path_of(key), what_is(*node),
            relative_allowed
                ? fmt::format("a number, or `champion {0} MARGIN` or `root {0} MARGIN`", sign)
                : std::string("a number")),
        node->quoted ? "write it without quotes" : "");
    return;
  }
  if (value->baseline != Baseline::absolute && !relative_allowed) {
    reader.report(key, fmt::format("`{}` must be a number: this metric is not compared with other "
                                   "generations",
                                   reader.path_of(key)));
    return;
  }
  threshold.baseline = value->baseline;
  threshold.value = value->number;
  reader.check_range(key, value->number,
                     value->baseline == Baseline::absolute ? "" : "the margin of ");
}

}  // namespace

Threshold read_threshold(YamlReader line) {
  Threshold threshold;
  threshold.dry_run = line.boolean("dry_run");
  int metrics = 0;
  for (const Metric metric : policies::kMetrics) {
    const std::string key(policies::to_string(metric));
    if (!line.has(key.c_str())) continue;
    ++metrics;
    threshold.metric = metric;
    YamlReader gate = line.map(key.c_str());
    threshold.comparison = policies::comparison_of(metric);
    if (policies::has_radius(metric)) threshold.radius = gate.number("radius");
    if (metric == Metric::pa_quantile) threshold.quantile = gate.number("quantile");
    read_value(gate, threshold.comparison == Comparison::at_most ? "at_most" : "at_least",
               threshold);
    gate.done();
  }
  if (metrics != 1) {
    line.problem().report(line.place(), "a gate must name one metric, and one only",
                          "one `- {metric: {...}}` for each gate");
  }
  line.done();
  return threshold;
}

}  // namespace heirloom::config
