#include "cli/certificate_log.h"

#include <cmath>

#include <CLI/CLI.hpp>

namespace heirloom::cli {
namespace {

constexpr std::uint64_t kMaxLogBytes = 1ULL << 30;

// A check that a number lies strictly between two others.
std::function<std::string(const std::string&)> between(double low, double high,
                                                       const std::string& what) {
  return [low, high, what](const std::string& word) {
    double value = 0.0;
    const bool holds = CLI::detail::lexical_cast(word, value) && std::isfinite(value) &&
                       value > low && value < high;
    return holds ? std::string() : word + " is not " + what;
  };
}

}  // namespace

void add_log_options(CLI::App& command, LogOptions& options) {
  add_file_argument(command, options.file,
                    "A log of locuslab/smoothing, or one that Heirloom wrote (TSV or JSON)");
  CLI::Option* sigma =
      command.add_option("--sigma", options.sigma, "Noise of a log that has radii alone")
          ->type_name("S")
          ->check(between(0.0, INFINITY, "a noise level above 0"), "");
  command.add_option("--draws", options.draws, "Its draws an example (n)")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{4294967295}).description(""))
      ->needs(sigma);
  command.add_option("--alpha", options.alpha, "Its level an example")
      ->type_name("A")
      ->capture_default_str()
      ->check(between(0.0, 0.5, "a level between 0 and 0.5"), "")
      ->needs(sigma);
}

void add_confidence_option(CLI::App& command, double& confidence) {
  command.add_option("--confidence", confidence, "Of each interval")
      ->type_name("C")
      ->capture_default_str()
      ->check(between(0.0, 1.0, "a confidence between 0 and 1, such as 0.95"), "");
}

base::Result<certificate::Log> read_named_log(const LogOptions& options) {
  HEIRLOOM_ASSIGN(const std::string text, read_named_file(options.file, kMaxLogBytes));
  HEIRLOOM_ASSIGN(certificate::Log log, certificate::read_log(text, options.file));
  if (options.sigma) {
    HEIRLOOM_TRY(certificate::assume_sampling(
        log, {.sigma = *options.sigma, .n = options.draws, .alpha = options.alpha}, options.file));
  }
  return log;
}

}  // namespace heirloom::cli
