// heirloom certificate export: a certification log in another form. No daemon needed.
#include <array>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/certificate_log.h"
#include "cli/commands.h"
#include "core/base/files.h"
#include "core/certificate/curve.h"
#include "core/certificate/json.h"
#include "core/certificate/tsv.h"

namespace heirloom::cli {
namespace {

constexpr double kSmallestStep = 0.001;

struct Options {
  LogOptions log;
  std::string form;
  std::string output;  // a file; empty: standard output
  double confidence = 0.95;
  double step = 0.25;
};

base::Result<std::string> exported(const Options& options, const certificate::Log& log) {
  if (options.form == "tsv") return certificate::to_paper_tsv(log.examples);
  if (options.form == "superset") return certificate::to_superset_tsv(log);
  if (options.form == "json") return certificate::to_json(log);
  return certificate::curve_to_csv(
      certificate::certified_curve(log, options.confidence, options.step));
}

// Elsewhere --output names a form; a file of that name is hardly what was meant.
std::string check_output(const std::string& path) {
  for (const std::string_view form : {"table", "json", "csv", "tsv", "superset"}) {
    if (path == form) {
      return fmt::format("--output names the file to write; for the form say --to {}", path);
    }
  }
  return {};
}

base::Result<ExitCode> run(const Options& options) {
  HEIRLOOM_ASSIGN(const certificate::Log log, read_named_log(options.log));
  const base::Result<std::string> text = exported(options, log);
  if (!text.has_value()) {
    return base::fail(text.error().kind,
                      fmt::format("{}: {}", options.log.file, text.error().message),
                      text.error().hint);
  }
  if (options.output.empty()) {
    print(*text);
    return ExitCode::done;
  }
  auto written = base::write_file_atomically(options.output, *text);
  if (!written.has_value()) {
    // A folder that is not there is a mistake in the command, as a file is that cannot be read.
    if (written.error().kind == base::ErrorKind::not_found) {
      written.error().kind = base::ErrorKind::usage;
    }
    return tl::unexpected(std::move(written).error());
  }
  say(fmt::format("wrote {}: {} examples as {}", options.output, log.examples.size(),
                  options.form));
  return ExitCode::done;
}

}  // namespace

void add_certificate_export(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "export", "Write a log in another form, or as a curve; needs no daemon",
                  "heirloom certificate export certificate.tsv --to csv --output curve.csv");
  add_log_options(*command, options->log);
  command
      ->add_option("--to", options->form,
                   "tsv: the papers' columns; superset: with counts and sampling;\n"
                   "json: the superset as one document; csv: the curve with its intervals")
      ->required()
      ->type_name("tsv|superset|json|csv")
      ->check(CLI::IsMember({"tsv", "superset", "json", "csv"}).description(""));
  command
      ->add_option("--output", options->output,
                   "The file to write, whole or not at all (default: standard output)")
      ->type_name("FILE")
      ->check(check_output, "");
  add_confidence_option(*command, options->confidence);
  command->add_option("--step", options->step, "Between the radii of a curve")
      ->type_name("R")
      ->capture_default_str()
      ->check(CLI::Range(kSmallestStep, 10.0).description(""));
  choose(*command, chosen, [options](const Context&) { return run(*options); });
}

}  // namespace heirloom::cli
