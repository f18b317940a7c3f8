#include "core/arch/networks/linear.h"

#include "core/arch/builders.h"

namespace heirloom::arch {

LinearClassifier::LinearClassifier(std::int64_t inputs, std::int64_t classes)
    : inputs_(inputs), classes_(classes) {
  fc_ = register_module("fc", torch::nn::Linear(inputs, classes));
}

torch::Tensor LinearClassifier::forward(torch::Tensor x) {
  return fc_(x.flatten(1));
}

std::shared_ptr<Classifier> LinearClassifier::deployed() const {
  auto copy = std::make_shared<LinearClassifier>(inputs_, classes_);
  copy_state(*this, *copy);
  copy->eval();
  return copy;
}

Built build_linear(const BuildRequest& request) {
  return std::make_shared<LinearClassifier>(request.input.numel(), request.classes);
}

}  // namespace heirloom::arch
