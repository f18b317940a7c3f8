#include "core/train/method.h"

#include <fmt/format.h>

#include "core/jobs/setting_list.h"
#include "core/train/catrs.h"
#include "core/train/consistency.h"
#include "core/train/gaussian.h"
#include "core/train/macer.h"
#include "core/train/smoothadv.h"
#include "core/train/smoothmix.h"
#include "core/train/stability.h"
#include "core/train/transfer.h"

namespace heirloom::train {
namespace {

using base::ErrorKind;
using Made = base::Result<std::unique_ptr<Method>>;

struct Maker {
  const jobs::ModelSpec& model;
  std::string_view teacher;

  Made operator()(const jobs::GaussianMethod&) const { return std::make_unique<Gaussian>(); }
  Made operator()(const jobs::StabilityMethod& settings) const {
    return std::make_unique<Stability>(settings);
  }
  Made operator()(const jobs::SmoothAdvMethod& settings) const {
    return std::make_unique<SmoothAdv>(settings);
  }
  Made operator()(const jobs::MacerMethod& settings) const {
    return std::make_unique<Macer>(settings, model.sigma);
  }
  Made operator()(const jobs::ConsistencyMethod& settings) const {
    return std::make_unique<Consistency>(settings);
  }
  Made operator()(const jobs::SmoothMixMethod& settings) const {
    return std::make_unique<SmoothMix>(settings);
  }
  Made operator()(const jobs::CatRsMethod& settings) const {
    return std::make_unique<CatRs>(settings);
  }
  Made operator()(const jobs::TransferMethod& settings) const {
    HEIRLOOM_ASSIGN(arch::Teacher network,
                    arch::Teacher::load(teacher, model.input, model.classes, "the teacher"));
    return std::make_unique<Transfer>(settings, std::move(network));
  }
};

base::Result<void> check_settings(jobs::TrainMethod method) {
  const std::string wrong =
      std::visit([](auto& settings) { return jobs::settings_out_of_range(settings); }, method);
  if (wrong.empty()) return {};
  return base::fail(ErrorKind::usage, fmt::format("settings of {} out of range: {}",
                                                  jobs::method_name(method), wrong));
}

}  // namespace

Made make_method(const jobs::TrainMethod& settings, const jobs::ModelSpec& model,
                 std::string_view teacher) {
  HEIRLOOM_TRY(check_settings(settings));
  return std::visit(Maker{model, teacher}, settings);
}

}  // namespace heirloom::train
