#include "cli/render/import.h"

#include <vector>

#include <fmt/format.h>

#include "cli/render/findings.h"
#include "cli/render/format.h"
#include "cli/render/table.h"
#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

std::string sampling_in_words(const Json& sampling) {
  if (sampling.is_null()) return "not said";
  std::string words = fmt::format("{} mode, ", printable(text(sampling, "mode")));
  if (const auto n0 = integer(sampling, "n0")) words += fmt::format("n0 {}, ", grouped(n0));
  return words + fmt::format("n {}, alpha {}, sigma {}", grouped(integer(sampling, "n")),
                             number(sampling, "alpha").value_or(0.0),
                             number(sampling, "sigma").value_or(0.0));
}

}  // namespace

std::string render_import(const Json& found, const Style& style) {
  const Json& idx = items(found, "idx");
  const std::string range =
      idx.size() == 2 ? fmt::format(", idx {} to {}", idx[0].dump(), idx[1].dump()) : "";
  std::vector<Fact> facts = {
      {"file", {printable(text(found, "file"))}},
      {"form", {text(found, "form")}},
      {"examples", {grouped(integer(found, "n")) + range}},
      {"labels", {grouped(integer(found, "labels"))}},
      {"outcomes",
       {fmt::format("{} correct, {} wrong, {} abstained", grouped(integer(found, "correct")),
                    grouped(integer(found, "wrong")), grouped(integer(found, "abstained")))}},
      {"largest radius", {decimal(number(found, "largest_radius"))}},
      {"sampling", {sampling_in_words(field(found, "sampling"))}}};
  if (const std::string id = text(field(found, "sampling"), "id"); !id.empty()) {
    facts.push_back({"protocol", {short_hash(id)}});
  }
  if (const std::string model = text(found, "model_sha256"); !model.empty()) {
    facts.push_back({"model", {short_hash(model)}});
  }
  std::vector<std::string> notes;
  for (const Json& warning : items(found, "warnings")) {
    if (warning.is_string()) notes.push_back("warning: " + warning.get<std::string>());
  }
  return render_facts(facts, style) + render_findings(notes, style) + "valid\n";
}

}  // namespace heirloom::cli
