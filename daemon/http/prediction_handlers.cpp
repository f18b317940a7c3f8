#include <limits>

#include <fmt/format.h>

#include "core/base/base64.h"
#include "core/base/names.h"
#include "daemon/commands.h"
#include "daemon/http/body.h"
#include "daemon/http/handlers.h"
#include "daemon/predictions/predictions.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kMaxDraws = 1'000'000;
constexpr std::size_t kMaxNameBytes = 1024;
// Base64 takes four bytes for three; and names and numbers.
constexpr std::uint64_t kMaxRequestBytes = kMaxPredictionBytes / 3 * 4 + (std::uint64_t{1} << 20);

Result<std::uint64_t> natural_field(const Json& object, const std::string& name,
                                    std::uint64_t fallback, std::uint64_t low, std::uint64_t high) {
  const auto found = object.find(name);
  if (found == object.end()) return fallback;
  if (!found->is_number_unsigned() || found->get<std::uint64_t>() < low ||
      found->get<std::uint64_t>() > high) {
    return base::fail(ErrorKind::usage,
                      fmt::format("\"{}\" must be a whole number from {} to {}", name, low, high));
  }
  return found->get<std::uint64_t>();
}

Result<double> alpha_field(const Json& body, double fallback) {
  const auto found = body.find("alpha");
  if (found == body.end()) return fallback;
  if (!found->is_number() || !(found->get<double>() > 0.0) || !(found->get<double>() < 0.5)) {
    return base::fail(ErrorKind::usage, "\"alpha\" must be a number above 0 and below 0.5");
  }
  return found->get<double>();
}

Result<SentImage> read_image(const Json& item) {
  if (!item.is_object()) return base::fail(ErrorKind::usage, "an image must be a JSON object");
  HEIRLOOM_TRY(check_fields(item, {"name", "data", "first", "count"}));
  SentImage image;
  HEIRLOOM_ASSIGN(image.name, text_field(item, "name"));
  if (image.name.empty() || image.name.size() > kMaxNameBytes) {
    return base::fail(ErrorKind::usage,
                      fmt::format("an image's name has 1 to {} bytes", kMaxNameBytes));
  }
  HEIRLOOM_ASSIGN(const std::string data, text_field(item, "data"));
  auto bytes = base::from_base64(data);
  if (!bytes) {
    return base::fail(ErrorKind::usage, fmt::format("{}: {}", image.name, bytes.error().message));
  }
  image.bytes = *std::move(bytes);
  constexpr std::uint64_t kAny = std::numeric_limits<std::uint32_t>::max();
  HEIRLOOM_ASSIGN(image.first, natural_field(item, "first", 0, 0, kAny));
  // Without a `first` all images are meant, with one that image alone.
  const std::uint64_t usual = item.contains("first") ? 1 : 0;
  HEIRLOOM_ASSIGN(image.count, natural_field(item, "count", usual, 1, kAny));
  return image;
}

Result<std::vector<SentImage>> read_images(const Json& body) {
  const auto found = body.find("images");
  if (found == body.end() || !found->is_array() || found->empty() ||
      found->size() > jobs::kMaxPredictedImages) {
    return base::fail(ErrorKind::usage, fmt::format("\"images\" must be an array of 1 to {} files",
                                                    jobs::kMaxPredictedImages));
  }
  std::vector<SentImage> images;
  std::size_t bytes = 0;
  for (const Json& item : *found) {
    HEIRLOOM_ASSIGN(SentImage image, read_image(item));
    bytes += image.bytes.size();
    images.push_back(std::move(image));
  }
  if (bytes > kMaxPredictionBytes) {
    return base::fail(ErrorKind::usage,
                      fmt::format("the files have {} bytes, more than {} for one prediction", bytes,
                                  kMaxPredictionBytes));
  }
  return images;
}

// The named generation, else the champion.
Result<registry::GenerationRow> asked_generation(registry::Registry& registry,
                                                 const registry::ModelRow& model,
                                                 const Json& body) {
  if (body.contains("generation")) {
    HEIRLOOM_ASSIGN(const std::string word, text_field(body, "generation"));
    HEIRLOOM_ASSIGN(const int number, base::parse_generation(word));
    return find_generation(registry, model, number);
  }
  const auto champion = registry.evidence.champion(model.id);
  if (!champion) {
    return base::fail(ErrorKind::not_found,
                      fmt::format("model {} has no champion yet", model.spec.name),
                      "name a generation to ask one that is not promoted");
  }
  return *registry.generations.get(champion->generation_id);
}

std::string_view to_string(PredictionView::State state) {
  switch (state) {
    case PredictionView::State::waiting:
      return "waiting";
    case PredictionView::State::running:
      return "running";
    case PredictionView::State::done:
      return "done";
    case PredictionView::State::failed:
      return "failed";
  }
  return "";
}

Json image_json(const jobs::PredictedImage& image, const certificate::Prediction& found) {
  const bool abstains = found.answer == certificate::kAbstain;
  return Json{{"name", image.name},
              {"class", abstains ? Json() : Json(found.answer)},
              {"radius", abstains ? Json() : Json(found.radius)},
              {"p_value", found.p_value},
              {"selected", found.selected},
              {"p_lower", found.p_lower},
              {"votes", image.estimate}};
}

Json prediction_json(const PredictionView& view) {
  Json images = Json::array();
  for (std::size_t i = 0; i < view.images.size(); ++i) {
    images.push_back(image_json(view.images[i], view.predictions[i]));
  }
  return Json{{"id", view.id},
              {"state", to_string(view.state)},
              {"model", view.model},
              {"generation", view.generation},
              {"sigma", view.sigma},
              {"n0", view.n0},
              {"n", view.n},
              {"alpha", view.alpha},
              {"seed", view.seed ? Json(*view.seed) : Json()},
              {"error", view.error ? error_view(*view.error)["error"] : Json()},
              {"images", std::move(images)}};
}

Result<ApiResponse> predict_post(ApiContext& context, const ApiRequest& request) {
  PredictionRequest asked;
  HEIRLOOM_ASSIGN(asked.model, find_model(context.registry, request.captures.at("model")));
  HEIRLOOM_ASSIGN(const Json body,
                  parse_body(request, {"images", "generation", "n0", "n", "alpha", "seed"}));
  HEIRLOOM_ASSIGN(asked.generation, asked_generation(context.registry, asked.model, body));
  HEIRLOOM_ASSIGN(asked.n0, natural_field(body, "n0", asked.n0, 1, kMaxDraws));
  HEIRLOOM_ASSIGN(asked.n, natural_field(body, "n", asked.n, 1, kMaxDraws));
  HEIRLOOM_ASSIGN(asked.alpha, alpha_field(body, asked.alpha));
  if (body.contains("seed")) {
    constexpr std::uint64_t kAny = std::numeric_limits<std::int64_t>::max();
    HEIRLOOM_ASSIGN(asked.seed, natural_field(body, "seed", 0, 0, kAny));
  }
  HEIRLOOM_ASSIGN(asked.images, read_images(body));
  HEIRLOOM_ASSIGN(const std::string id, context.predictions.start(std::move(asked)));
  context.changed();
  HEIRLOOM_ASSIGN(const PredictionView view, context.predictions.find(id));
  return ApiResponse{202, prediction_json(view)};
}

Result<ApiResponse> prediction_get(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const PredictionView view, context.predictions.find(request.captures.at("id")));
  return ApiResponse{200, prediction_json(view)};
}

}  // namespace

void add_prediction_routes(Router& router, ApiContext& context) {
  router.add(
      "POST", "/v1/models/{model}/predict",
      [&context](const ApiRequest& request) { return predict_post(context, request); },
      kMaxRequestBytes);
  router.add("GET", "/v1/predictions/{id}",
             [&context](const ApiRequest& request) { return prediction_get(context, request); });
}

}  // namespace heirloom::daemon
