// heirloom certificate summary: what a certification log comes to. No daemon needed.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/render/summary.h"
#include "core/certificate/summary.h"
#include "core/certificate/tsv.h"

namespace heirloom::cli {
namespace {

constexpr std::uint64_t kMaxLogBytes = 1ULL << 30;

struct Options {
  std::string file;
};

Json summary_of(const std::vector<certificate::CertifiedExample>& examples) {
  double largest = 0.0;
  for (const auto& example : examples) {
    if (example.correct()) largest = std::max(largest, example.radius);
  }
  // paper_radii leaves its limit out, and an example may be certified exactly there.
  const double limit = std::nextafter(largest, std::numeric_limits<double>::infinity());
  Json shares = Json::object();
  for (const double radius : certificate::paper_radii(limit)) {
    shares[certificate::radius_key(radius)] = certificate::certified_accuracy(examples, radius);
  }
  const certificate::Summary summary = certificate::summarize(examples);
  return {{"n", summary.examples},
          {"acr", summary.acr},
          {"abstain_rate", summary.abstain_rate},
          {"certified_accuracy", shares}};
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const std::string log, read_named_file(options.file, kMaxLogBytes));
  HEIRLOOM_ASSIGN(const auto examples, certificate::examples_from_tsv(log, options.file));
  if (examples.empty()) {
    return base::fail(base::ErrorKind::bad_data,
                      fmt::format("{} holds no certified example", options.file));
  }
  const Json summary = summary_of(examples);
  print(context.json() ? pretty(summary) : render_summary(summary, context.style));
  return ExitCode::done;
}

}  // namespace

void add_certificate_summary(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "summary", "ACR and certified accuracy of a log; needs no daemon",
                  "heirloom certificate summary cifar10_resnet110_noise_0.50.tsv");
  add_file_argument(*command, options->file,
                    "A log of locuslab/smoothing, or one that Heirloom wrote");
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
