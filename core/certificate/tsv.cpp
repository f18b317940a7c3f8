#include "core/certificate/tsv.h"

#include <cmath>

#include <fmt/format.h>

#include "core/certificate/fields.h"

namespace heirloom::certificate {
namespace {

constexpr std::string_view kPaperHeader = "idx\tlabel\tpredict\tradius\tcorrect\ttime";
constexpr std::string_view kOurHeader =
    "idx\tlabel\tpredict\tradius\tcorrect\ttime\tn_a\tn0\tn\talpha\tsigma\tp_lower";

tl::unexpected<base::Error> bad(std::string message) {
  return base::fail(base::ErrorKind::bad_data, std::move(message));
}

// `h:mm:ss.ffffff` (also with `N day, ` before it) or seconds. Only its form is checked.
base::Result<void> check_time(std::string_view text) {
  if (const std::size_t comma = text.rfind(", "); comma != std::string_view::npos) {
    text.remove_prefix(comma + 2);
  }
  for (const std::string_view part : split(text, ':')) {
    HEIRLOOM_ASSIGN(const double value, number_from<double>("time", part));
    if (!(value >= 0.0) || !std::isfinite(value)) return bad("time is negative or not finite");
  }
  return {};
}

base::Result<double> share_from(std::string_view column, std::string_view text) {
  HEIRLOOM_ASSIGN(const double value, number_from<double>(column, text));
  if (!(value >= 0.0 && value <= 1.0)) return bad(fmt::format("{} is not within 0..1", column));
  return value;
}

base::Result<void> read_our_columns(const std::vector<std::string_view>& fields,
                                    CertifiedExample& example) {
  HEIRLOOM_ASSIGN(example.n_a, number_from<std::uint64_t>("n_a", fields[6]));
  HEIRLOOM_TRY(number_from<std::uint64_t>("n0", fields[7]));
  HEIRLOOM_ASSIGN(const std::uint64_t n, number_from<std::uint64_t>("n", fields[8]));
  if (example.n_a > n) return bad("n_a is larger than n");
  HEIRLOOM_TRY(share_from("alpha", fields[9]));
  HEIRLOOM_ASSIGN(const double sigma, number_from<double>("sigma", fields[10]));
  if (!(sigma > 0.0) || !std::isfinite(sigma)) return bad("sigma is not positive");
  HEIRLOOM_ASSIGN(example.p_lower, share_from("p_lower", fields[11]));
  return {};
}

base::Result<CertifiedExample> example_from_row(std::string_view row, std::size_t columns) {
  const std::vector<std::string_view> fields = split(row, '\t');
  if (fields.size() != columns) {
    return bad(fmt::format("has {} columns instead of {}", fields.size(), columns));
  }
  CertifiedExample example;
  HEIRLOOM_ASSIGN(example.index, number_from<std::uint32_t>("idx", fields[0]));
  HEIRLOOM_ASSIGN(example.label, number_from<std::int32_t>("label", fields[1]));
  HEIRLOOM_ASSIGN(example.predicted, number_from<std::int32_t>("predict", fields[2]));
  HEIRLOOM_ASSIGN(example.radius, number_from<double>("radius", fields[3]));
  HEIRLOOM_ASSIGN(const int correct, number_from<int>("correct", fields[4]));
  HEIRLOOM_TRY(check_time(fields[5]));
  if (example.label < 0) return bad("label is negative");
  if (example.predicted < kAbstain) return bad("predict is neither a class nor -1");
  if (!(example.radius >= 0.0) || !std::isfinite(example.radius)) {
    return bad("radius is negative or not finite");
  }
  if (correct != (example.correct() ? 1 : 0)) {
    return bad("correct does not follow from label and predict");
  }
  if (columns > 6) HEIRLOOM_TRY(read_our_columns(fields, example));
  return example;
}

}  // namespace

base::Result<std::vector<CertifiedExample>> examples_from_tsv(std::string_view text,
                                                              std::string_view origin) {
  LineReader lines(text);
  const auto header = lines.next();
  if (!header || (*header != kPaperHeader && *header != kOurHeader)) {
    return bad(
        fmt::format("{}:1: not a certification log (idx, label, predict, radius, ...)", origin));
  }
  const std::size_t columns = split(*header, '\t').size();
  std::vector<CertifiedExample> examples;
  while (const auto line = lines.next()) {
    auto example = example_from_row(*line, columns);
    if (!example.has_value()) {
      return bad(fmt::format("{}:{}: {}", origin, lines.number(), example.error().message));
    }
    if (!examples.empty() && example->index <= examples.back().index) {
      return bad(fmt::format("{}:{}: idx {} after {}: examples must ascend", origin, lines.number(),
                             example->index, examples.back().index));
    }
    examples.push_back(*example);
  }
  if (examples.empty()) return bad(fmt::format("{}: there are no examples", origin));
  return examples;
}

std::string to_tsv(const Certificate& certificate) {
  const Protocol& protocol = certificate.protocol;
  std::string text = fmt::format("{}\n", kOurHeader);
  for (const CertifiedExample& example : certificate.examples) {
    text +=
        fmt::format("{}\t{}\t{}\t{}\t{}\t0\t{}\t{}\t{}\t{}\t{}\t{}\n", example.index, example.label,
                    example.predicted, example.radius, example.correct() ? 1 : 0, example.n_a,
                    protocol.n0, protocol.n, protocol.alpha, protocol.sigma, example.p_lower);
  }
  return text;
}

}  // namespace heirloom::certificate
