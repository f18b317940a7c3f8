#include "core/train/transfer_report.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "core/arch/artifact.h"
#include "core/train/batch.h"

namespace heirloom::train {
namespace {

constexpr std::size_t kExamples = 4096;
constexpr std::size_t kRows = 256;

std::span<const float> floats(const torch::Tensor& x) {
  return {x.data_ptr<float>(), static_cast<std::size_t>(x.numel())};
}

// Outputs of both networks on the same rows, [N, K].
struct Outputs {
  torch::Tensor student;
  torch::Tensor teacher;
  torch::Tensor labels;  // [N]
};

base::Result<Outputs> outputs_of(const ReportTask& task) {
  HEIRLOOM_ASSIGN(arch::Artifact student,
                  arch::Artifact::load(task.student, task.model.input, task.model.classes,
                                       "the trained network"));
  HEIRLOOM_ASSIGN(arch::Artifact teacher, arch::Artifact::load(task.teacher, task.model.input,
                                                               task.model.classes, "the teacher"));
  const std::size_t count = std::min(kExamples, task.dataset->size());
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0U);
  std::vector<torch::Tensor> students;
  std::vector<torch::Tensor> teachers;
  std::vector<torch::Tensor> labels;
  std::int64_t step = task.steps;
  for (std::size_t first = 0; first < count; first += kRows) {
    const Batch batch = make_batch(
        *task.dataset, std::span(indices).subspan(first, std::min(kRows, count - first)));
    const StepRandomness randomness(task.seed, step++, base::Sigma(task.model.sigma));
    const torch::Tensor noisy = batch.images + randomness.noise(batch, 1);
    students.push_back(student.forward(noisy).cpu());
    teachers.push_back(teacher.forward(noisy).cpu());
    labels.push_back(batch.labels.cpu());
  }
  return Outputs{torch::cat(students), torch::cat(teachers), torch::cat(labels)};
}

double share(const torch::Tensor& truths) {
  return truths.to(torch::kDouble).mean().item<double>();
}

}  // namespace

DisagreementBound disagreement_bound(std::span<const float> margins, double mean_distance) {
  std::vector<float> sorted(margins.begin(), margins.end());
  std::sort(sorted.begin(), sorted.end());
  const double rows = static_cast<double>(sorted.size());
  DisagreementBound best;
  // Between two margins P(m < t) does not change, so the upper one is the best t of the stretch.
  std::size_t below = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i > 0 && sorted[i] > sorted[i - 1]) below = i;
    const double t = sorted[i];
    if (!(t > 0.0)) continue;
    const double bound =
        static_cast<double>(below) / rows + std::numbers::sqrt2 * mean_distance / t;
    if (bound < best.bound) best = {t, bound};
  }
  return best;
}

base::Result<jobs::TransferReport> report_transfer(const ReportTask& task) {
  const torch::NoGradGuard no_grad;
  HEIRLOOM_ASSIGN(Outputs outputs, outputs_of(task));
  if (task.match_on == jobs::MatchOn::softmax) {
    outputs.student = outputs.student.softmax(1);
    outputs.teacher = outputs.teacher.softmax(1);
  }
  const torch::Tensor top = std::get<0>(outputs.teacher.topk(2, 1));
  const torch::Tensor margins = (top.select(1, 0) - top.select(1, 1)).contiguous();
  const torch::Tensor classes = outputs.student.argmax(1);
  const torch::Tensor taught = outputs.teacher.argmax(1);

  jobs::TransferReport report;
  report.examples = margins.size(0);
  report.distance =
      (outputs.student - outputs.teacher).norm(2, 1).to(torch::kDouble).mean().item<double>();
  const torch::Tensor levels =
      torch::tensor(std::vector<double>(jobs::kMarginLevels.begin(), jobs::kMarginLevels.end()));
  const torch::Tensor quantiles = torch::quantile(margins, levels.to(torch::kFloat));
  for (const float quantile : floats(quantiles)) report.margin_quantiles.push_back(quantile);
  report.teacher_accuracy = share(taught.eq(outputs.labels));
  report.student_accuracy = share(classes.eq(outputs.labels));
  report.disagreement = share(classes.ne(taught));
  const DisagreementBound bound = disagreement_bound(floats(margins), report.distance);
  report.threshold = bound.threshold;
  report.disagreement_bound = bound.bound;
  return report;
}

}  // namespace heirloom::train
