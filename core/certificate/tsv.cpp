#include "core/certificate/tsv.h"

#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "core/certificate/checks.h"
#include "core/certificate/fields.h"

namespace heirloom::certificate {
namespace {

constexpr std::string_view kPaperHeader = "idx\tlabel\tpredict\tradius\tcorrect\ttime";
constexpr std::string_view kEarlierHeader =
    "idx\tlabel\tpredict\tradius\tcorrect\ttime\tn_a\tn0\tn\talpha\tsigma\tp_lower";
constexpr std::string_view kOurHeader =
    "idx\tlabel\tpredict\tradius\tcorrect\ttime\tn_a\tn0\tn\talpha\tsigma\tp_lower\tmode\tprotocol\tdraws";
constexpr std::size_t kPaperColumns = 6;
constexpr std::size_t kEarlierColumns = 12;
constexpr std::string_view kUnknown = "-";

using Fields = std::vector<std::string_view>;

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

bool has_three_digits(std::string_view number) {
  std::size_t digits = 0;
  for (const char c : number) {
    if (c == 'e' || c == 'E') break;
    if (c >= '0' && c <= '9' && (c != '0' || digits > 0)) ++digits;
  }
  return digits <= 3;
}

// A reader of rows: what the first one says of the sampling, the others must say too.
class RowReader {
 public:
  explicit RowReader(std::size_t columns) : columns_(columns) {
    log_.form = columns == kPaperColumns ? Form::paper : Form::superset;
    log_.three_digits = log_.form == Form::paper;
  }

  base::Result<void> read(std::string_view row) {
    const Fields fields = split(row, '\t');
    if (fields.size() != columns_) {
      return bad(fmt::format("has {} columns instead of {}", fields.size(), columns_));
    }
    CertifiedExample example;
    HEIRLOOM_ASSIGN(const int correct, read_paper_columns(fields, example));
    if (log_.form == Form::superset) HEIRLOOM_TRY(read_our_columns(fields, example));
    HEIRLOOM_TRY(check_example(example));
    if (correct != (example.correct() ? 1 : 0)) {
      return bad("correct does not follow from label and predict");
    }
    if (limits_) HEIRLOOM_TRY(limits_->check_claims(example));
    HEIRLOOM_TRY(check_order(example));
    log_.three_digits = log_.three_digits && has_three_digits(fields[3]);
    log_.examples.push_back(example);
    return {};
  }

  Log take() {
    bool any_radius = false;
    for (const CertifiedExample& example : log_.examples) any_radius |= example.radius > 0.0;
    log_.three_digits = log_.three_digits && any_radius;
    return std::move(log_);
  }

 private:
  // The column `correct`, which is compared once the example is known to be one.
  static base::Result<int> read_paper_columns(const Fields& fields, CertifiedExample& example) {
    HEIRLOOM_ASSIGN(example.index, number_from<std::uint32_t>("idx", fields[0]));
    HEIRLOOM_ASSIGN(example.label, number_from<std::int32_t>("label", fields[1]));
    HEIRLOOM_ASSIGN(example.predicted, number_from<std::int32_t>("predict", fields[2]));
    HEIRLOOM_ASSIGN(example.radius, number_from<double>("radius", fields[3]));
    HEIRLOOM_TRY(check_time(fields[5]));
    return number_from<int>("correct", fields[4]);
  }

  base::Result<void> read_our_columns(const Fields& fields, CertifiedExample& example) {
    HEIRLOOM_ASSIGN(example.n_a, number_from<std::uint64_t>("n_a", fields[6]));
    HEIRLOOM_ASSIGN(example.p_lower, number_from<double>("p_lower", fields[11]));
    Protocol protocol;
    HEIRLOOM_ASSIGN(protocol.n0, number_from<std::uint64_t>("n0", fields[7]));
    HEIRLOOM_ASSIGN(protocol.n, number_from<std::uint64_t>("n", fields[8]));
    HEIRLOOM_ASSIGN(protocol.alpha, number_from<double>("alpha", fields[9]));
    HEIRLOOM_ASSIGN(protocol.sigma, number_from<double>("sigma", fields[10]));
    std::optional<base::Digest> id;
    if (columns_ > kEarlierColumns) {
      HEIRLOOM_ASSIGN(protocol.mode, parse_mode(fields[12]));
      if (fields[13] != kUnknown) {
        HEIRLOOM_ASSIGN(id, base::Digest::from_hex(fields[13]));
      }
      HEIRLOOM_ASSIGN(example.draws, number_from<std::uint64_t>("draws", fields[14]));
    }
    if (log_.protocol) return check_same(protocol, id);
    HEIRLOOM_TRY(check_sampling(protocol));
    log_.protocol = protocol;
    log_.protocol_id = id;
    limits_.emplace(protocol);
    return {};
  }

  base::Result<void> check_same(const Protocol& protocol,
                                const std::optional<base::Digest>& id) const {
    const Protocol& first = *log_.protocol;
    const bool same = protocol.mode == first.mode && protocol.n0 == first.n0 &&
                      protocol.n == first.n && protocol.alpha == first.alpha &&
                      protocol.sigma == first.sigma && id == log_.protocol_id;
    if (same) return {};
    return bad("n0, n, alpha, sigma, mode or protocol differs from the first row's");
  }

  base::Result<void> check_order(const CertifiedExample& example) const {
    if (log_.examples.empty() || example.index > log_.examples.back().index) return {};
    const std::uint32_t last = log_.examples.back().index;
    if (example.index == last) return bad(fmt::format("idx {} stands there twice", last));
    return bad(fmt::format("idx {} after {}: examples must ascend", example.index, last));
  }

  std::size_t columns_;
  Log log_;
  std::optional<Limits> limits_;
};

std::string paper_columns(const CertifiedExample& example) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\t0", example.index, example.label, example.predicted,
                     example.radius, example.correct() ? 1 : 0);
}

std::string superset(std::span<const CertifiedExample> examples, const Protocol& protocol,
                     std::string_view protocol_id) {
  std::string text = fmt::format("{}\n", kOurHeader);
  for (const CertifiedExample& example : examples) {
    text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", paper_columns(example), example.n_a,
                        protocol.n0, protocol.n, protocol.alpha, protocol.sigma, example.p_lower,
                        to_string(protocol.mode), protocol_id, example.draws);
  }
  return text;
}

}  // namespace

base::Result<Log> log_from_tsv(std::string_view text, std::string_view origin) {
  LineReader lines(text);
  const auto header = lines.next();
  if (header && header->starts_with("radius,")) {
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("{}:1: a curve, which has no examples", origin),
                      "give the log that it was made from");
  }
  if (!header || (*header != kPaperHeader && *header != kEarlierHeader && *header != kOurHeader)) {
    return bad(
        fmt::format("{}:1: not a certification log (idx, label, predict, radius, ...)", origin));
  }
  RowReader rows(split(*header, '\t').size());
  while (const auto line = lines.next()) {
    if (const auto read = rows.read(*line); !read.has_value()) {
      return bad(fmt::format("{}:{}: {}", origin, lines.number(), read.error().message));
    }
  }
  Log log = rows.take();
  if (log.examples.empty()) return bad(fmt::format("{}: there are no examples", origin));
  return log;
}

std::string to_paper_tsv(std::span<const CertifiedExample> examples) {
  std::string text = fmt::format("{}\n", kPaperHeader);
  for (const CertifiedExample& example : examples) text += paper_columns(example) + "\n";
  return text;
}

std::string to_tsv(const Certificate& certificate) {
  return superset(certificate.examples, certificate.protocol, certificate.protocol.id().hex());
}

base::Result<std::string> to_superset_tsv(const Log& log) {
  HEIRLOOM_TRY(check_has_counts(log));
  return superset(log.examples, *log.protocol,
                  log.protocol_id ? log.protocol_id->hex() : std::string(kUnknown));
}

}  // namespace heirloom::certificate
