// heirloom predict: what the smoothed classifier says about images.
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/image_argument.h"
#include "cli/render/prediction.h"
#include "cli/wait.h"
#include "core/base/base64.h"
#include "core/base/names.h"

namespace heirloom::cli {
namespace {

// What the daemon takes in one request (docs/api.md).
constexpr std::uint64_t kMaxBytes = std::uint64_t{8} << 20;

struct Options {
  std::string model;
  std::vector<std::string> images;
  std::string generation;
  std::optional<std::uint64_t> n0;
  std::optional<std::uint64_t> n;
  std::optional<double> alpha;
  std::optional<std::uint64_t> seed;
  std::optional<double> timeout;
  std::string form;  // of this command alone; empty: as the global option says
};

base::Result<Json> read_images(const std::vector<std::string>& arguments) {
  Json images = Json::array();
  std::uint64_t bytes = 0;
  for (const std::string& argument : arguments) {
    HEIRLOOM_ASSIGN(const ImageArgument image, parse_image_argument(argument));
    HEIRLOOM_ASSIGN(const std::string content, read_named_file(image.path, kMaxBytes));
    bytes += content.size();
    if (bytes > kMaxBytes) {
      return base::fail(base::ErrorKind::usage,
                        fmt::format("the files have more than {} MiB together", kMaxBytes >> 20),
                        "predict them a few at a time");
    }
    Json sent = {{"name", std::filesystem::path(image.path).filename().string()},
                 {"data", base::to_base64(content)}};
    if (image.count > 0) {
      sent["first"] = image.first;
      sent["count"] = image.count;
    }
    images.push_back(std::move(sent));
  }
  return images;
}

base::Result<Json> request_of(const Options& options) {
  Json body = Json::object();
  if (!options.generation.empty()) body["generation"] = options.generation;
  if (options.n0) body["n0"] = *options.n0;
  if (options.n) body["n"] = *options.n;
  if (options.alpha) body["alpha"] = *options.alpha;
  if (options.seed) body["seed"] = *options.seed;
  HEIRLOOM_ASSIGN(body["images"], read_images(options.images));
  return body;
}

bool is_pending(const Json& prediction) {
  const std::string state = text(prediction, "state");
  return state == "waiting" || state == "running";
}

base::Result<Waited> wait_for(const Options& options, const ApiClient& client, Json& prediction) {
  const std::string where = request_target({"v1", "predictions", text(prediction, "id")});
  const auto look = [&]() -> base::Result<bool> {
    if (is_pending(prediction)) {
      HEIRLOOM_ASSIGN(prediction, client.get(where));
    }
    return !is_pending(prediction);
  };
  WaitLimits limits;
  limits.timeout = options.timeout;
  return wait_until(look, limits);
}

void show(const Options& options, const Context& context, const Json& prediction) {
  if (options.form == "csv") {
    print(prediction_to_csv(prediction));
  } else if (options.form.empty() ? context.json() : options.form == "json") {
    print(pretty(prediction));
  } else {
    print(render_prediction(prediction, context.style));
  }
}

base::Result<ExitCode> run(const Options& options, const Context& context) {
  HEIRLOOM_ASSIGN(const Json body, request_of(options));
  const ApiClient client = context.client(options.timeout);
  const std::string target = request_target({"v1", "models", options.model, "predict"});
  HEIRLOOM_ASSIGN(Json prediction, client.post(target, body));
  HEIRLOOM_ASSIGN(const Waited waited, wait_for(options, client, prediction));
  if (waited == Waited::timed_out) {
    report({base::ErrorKind::unavailable,
            fmt::format("the prediction is still {} after {:g} s", text(prediction, "state"),
                        *options.timeout),
            "fewer draws (--n) or images are answered sooner"});
    return ExitCode::failed;
  }
  if (text(prediction, "state") == "done") {
    show(options, context, prediction);
    return ExitCode::done;
  }
  const Json& error = field(prediction, "error");
  return base::fail(error_kind(text(error, "kind")), text(error, "message"), text(error, "hint"));
}

void add_draws(CLI::App& command, Options& options) {
  command.add_option("--n0", options.n0, "Draws that select the class to certify (default 100)")
      ->type_name("N");
  command.add_option("--n", options.n, "Draws that answer and estimate (default 10000)")
      ->type_name("N");
  command
      .add_option("--alpha", options.alpha,
                  "How often an answer, or a radius, may be wrong (default 0.001)")
      ->type_name("P");
  command
      .add_option("--seed", options.seed, "The same noise for the same request (default: fresh)")
      ->type_name("N");
}

}  // namespace

void add_predict(CLI::App& parent, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      parent, "predict", "Class or abstention, radius and votes of images",
      "heirloom predict digits seven.png t10k-images-idx3-ubyte.gz#0-9\n\n"
      "An image is a PNG or JPEG file of the model's size, or an IDX file, plain or .gz: all its\n"
      "images, or FILE#3 for one (from 0) and FILE#0-9 for ten. At most 64 images in 8 MiB.");
  add_model_argument(*command, options->model);
  command->add_option("IMAGE", options->images, "PNG, JPEG or IDX files")
      ->required()
      ->type_name("");
  command->add_option("--generation", options->generation, "Default: the champion")
      ->type_name("gN")
      ->check(
          [](const std::string& word) {
            const auto number = base::parse_generation(word);
            return number.has_value() ? std::string() : number.error().text();
          },
          "");
  add_draws(*command, *options);
  add_timeout_option(*command, options->timeout);
  command->add_option("-o,--output", options->form, "A table, JSON with every vote, or CSV")
      ->type_name("table|json|csv")
      ->check(CLI::IsMember({"table", "json", "csv"}).description(""));
  choose(*command, chosen, [options](const Context& context) { return run(*options, context); });
}

}  // namespace heirloom::cli
