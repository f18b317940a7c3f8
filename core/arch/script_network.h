// A TorchScript module of the user's, exported from Python, as a network to train.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/arch/classifier.h"
#include "core/base/result.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

class ScriptNetwork final : public Classifier {
 public:
  // Training starts from the weights in `bytes`, whose SHA-256 the caller has checked. `spec` may
  // set frozen_norm (true or false): batch normalisation and dropout stay as in evaluation while it
  // trains. Errors: usage (another parameter), bad_data (check_script_contract).
  static base::Result<std::shared_ptr<ScriptNetwork>> load(std::string_view bytes,
                                                           const jobs::ArchSpec& spec,
                                                           const jobs::InputShape& shape,
                                                           std::int64_t classes);

  torch::Tensor forward(torch::Tensor x) override;
  bool channels_last() const override { return false; }
  void train(bool on = true) override;
  std::shared_ptr<Classifier> deployed() const override;
  torch::jit::Module script(const jobs::InputShape& shape,
                            jobs::Precision precision) const override;

 private:
  ScriptNetwork(torch::jit::Module module, bool frozen_norm);

  torch::jit::Module module_;  // its parameters and buffers are also this module's, with / for .
  bool frozen_norm_;
};

}  // namespace heirloom::arch
