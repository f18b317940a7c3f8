#include "cli/render/prediction.h"

#include <algorithm>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "cli/render/format.h"
#include "cli/render/table.h"

namespace heirloom::cli {
namespace {

constexpr std::size_t kTopClasses = 3;

// "7:9990 1:10", at most `limit` classes that have votes, most first.
std::string votes_text(const Json& image, std::size_t limit) {
  std::vector<std::pair<std::int64_t, std::size_t>> votes;
  const Json& counts = items(image, "votes");
  for (std::size_t k = 0; k < counts.size(); ++k) {
    if (!counts[k].is_number_integer()) continue;
    if (const auto count = counts[k].get<std::int64_t>(); count > 0) votes.emplace_back(-count, k);
  }
  std::sort(votes.begin(), votes.end());
  std::string out;
  for (std::size_t i = 0; i < votes.size() && i < limit; ++i) {
    out += fmt::format("{}{}:{}", i == 0 ? "" : " ", votes[i].second, -votes[i].first);
  }
  return out;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string number_text(const Json& image, std::string_view key) {
  const auto value = number(image, key);
  return value ? fmt::format("{}", *value) : "";
}

}  // namespace

std::string render_prediction(const Json& prediction, const Style& style) {
  std::vector<std::vector<Cell>> rows;
  for (const Json& image : items(prediction, "images")) {
    const auto answer = integer(image, "class");
    const auto radius = number(image, "radius");
    rows.push_back({{text(image, "name")},
                    answer ? Cell{fmt::format("{}", *answer)} : Cell{"abstain", Tone::warn},
                    {radius && *radius > 0.0 ? decimal(radius) : "-"},
                    {decimal(number(image, "p_lower"))},
                    {votes_text(image, kTopClasses)}});
  }
  return render_table({{"IMAGE"},
                       {"CLASS", /*right=*/true},
                       {"RADIUS", /*right=*/true},
                       {"P_LOWER", /*right=*/true, /*drop_order=*/1},
                       {"VOTES", /*right=*/false, /*drop_order=*/2}},
                      rows, style) +
         fmt::format("{} {}, sigma {:g}: {} draws an image, alpha {:g}\n",
                     text(prediction, "model"), text(prediction, "generation"),
                     number(prediction, "sigma").value_or(0.0), grouped(integer(prediction, "n")),
                     number(prediction, "alpha").value_or(0.0));
}

std::string prediction_to_csv(const Json& prediction) {
  std::string out = "image,class,radius,p_lower,p_value,votes\n";
  for (const Json& image : items(prediction, "images")) {
    const auto answer = integer(image, "class");
    out += fmt::format("{},{},{},{},{},{}\n", csv_field(text(image, "name")),
                       answer ? fmt::format("{}", *answer) : "", number_text(image, "radius"),
                       number_text(image, "p_lower"), number_text(image, "p_value"),
                       votes_text(image, std::numeric_limits<std::size_t>::max()));
  }
  return out;
}

}  // namespace heirloom::cli
