// heirloom certificate summary: what a certification log comes to. No daemon needed.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/certificate_log.h"
#include "cli/commands.h"
#include "cli/render/summary.h"
#include "core/certificate/analysis.h"

namespace heirloom::cli {
namespace {

struct Options {
  LogOptions log;
  double confidence = 0.95;
  std::string form;  // of this command alone; empty: as the global option says
};

Json pair(const stats::Interval& interval) {
  return Json::array({interval.lower, interval.upper});
}

Json curve_intervals(const std::vector<certificate::CurvePoint>& curve) {
  Json intervals = Json::object();
  for (const auto& point : curve) {
    intervals[certificate::radius_key(point.radius)] = pair(point.certified.interval);
  }
  return intervals;
}

Json proven_shares(const std::vector<certificate::CurvePoint>& curve) {
  Json shares = Json::object();
  for (const auto& point : curve) {
    if (!point.proven) return nullptr;
    shares[certificate::radius_key(point.radius)] = *point.proven;
  }
  return shares;
}

Json per_class(const certificate::Analysis& analysis) {
  Json classes = Json::object();
  for (const certificate::ClassShares& shares : analysis.classes) {
    Json values = Json::object();
    Json intervals = Json::object();
    for (std::size_t i = 0; i < analysis.curve.size(); ++i) {
      const std::string key = certificate::radius_key(analysis.curve[i].radius);
      values[key] = shares.certified[i].value;
      intervals[key] = pair(shares.certified[i].interval);
    }
    classes[fmt::format("{}", shares.label)] = {
        {"n", shares.examples}, {"certified_accuracy", values}, {"intervals", intervals}};
  }
  return classes;
}

Json bound_quantiles(const certificate::Analysis& analysis) {
  if (analysis.bound_quantiles.empty()) return nullptr;
  Json quantiles = Json::object();
  for (const certificate::BoundQuantile& quantile : analysis.bound_quantiles) {
    quantiles[fmt::format("{:.2f}", quantile.share)] = quantile.p_lower;
  }
  return quantiles;
}

Json summary_of(const certificate::Log& log, const certificate::Analysis& analysis) {
  Json shares = Json::object();
  for (const auto& point : analysis.curve) {
    shares[certificate::radius_key(point.radius)] = point.certified.value;
  }
  return {{"n", analysis.summary.examples},
          {"acr", analysis.summary.acr},
          {"abstain_rate", analysis.summary.abstain_rate},
          {"certified_accuracy", shares},
          {"form", certificate::to_string(log.form)},
          {"sigma", log.protocol ? Json(log.protocol->sigma) : Json()},
          {"confidence", analysis.confidence},
          {"intervals",
           {{"acr", analysis.acr ? pair(*analysis.acr) : Json()},
            {"abstain_rate", pair(analysis.abstained.interval)},
            {"certified_accuracy", curve_intervals(analysis.curve)}}},
          {"proven_accuracy", proven_shares(analysis.curve)},
          {"per_class", per_class(analysis)},
          {"p_lower_quantiles", bound_quantiles(analysis)},
          {"warnings", certificate::warnings(log)}};
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const certificate::Log log, read_named_log(options.log));
  if (options.form == "csv") {
    print(certificate::curve_to_csv(certificate::certified_curve(log, options.confidence)));
    return ExitCode::done;
  }
  const Json summary = summary_of(log, certificate::analyze(log, options.confidence));
  const bool as_json = options.form.empty() ? context.json() : options.form == "json";
  print(as_json ? pretty(summary) : render_summary(summary, context.style));
  return ExitCode::done;
}

}  // namespace

void add_certificate_summary(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(parent, "summary", "ACR, certified accuracy and their intervals; needs no daemon",
                  "heirloom certificate summary cifar10_resnet110_noise_0.50.tsv --sigma 0.5");
  add_log_options(*command, options->log);
  add_confidence_option(*command, options->confidence);
  command
      ->add_option("-o,--output", options->form,
                   "A table, JSON, or the curve as radius,certified_accuracy,lower,upper")
      ->type_name("table|json|csv")
      ->check(CLI::IsMember({"table", "json", "csv"}).description(""));
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
