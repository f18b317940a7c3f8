// Drift tests on a LeNet that was trained for a moment: glyphs against glyphs, and against what has
// happened to glyphs.
#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/certificate/outputs.h"
#include "core/certificate/protocol.h"
#include "core/data/glyphs.h"
#include "tests/data/idx_samples.h"
#include "tests/worker/job_run.h"

namespace heirloom::worker {
namespace {

using jobs::DriftTest;
using testing::HasSubstr;

// A job without new data: 600 glyphs of another seed than the training's are the reference.
jobs::Drift drift_task() {
  static const fakes::TempFolder training;
  static const jobs::Trained trained = [] {
    write_job(training.path(), job_with(train_task("lenet", 15)));
    if (run_worker(training.path()) != 0) throw std::runtime_error("training failed");
    return outcome_in<jobs::Trained>(training.path());
  }();
  const auto reference = data::resolve({jobs::DataFormat::glyphs, {"2:600"}}, kShape, 10).value();
  jobs::Drift task;
  task.model = {(training / "out/model.pt").native(), trained.model.sha256, trained.model.bytes};
  task.classifier_id = trained.classifier_id;
  task.noise_key = base::sha256("drift");
  task.radius = 0.25;
  task.reference = reference.part;
  for (std::uint32_t i = 0; i < 600; ++i) task.reference_examples.push_back(i);
  task.reference_labels = reference.part.class_counts;
  task.batch = 80;
  task.labels = 200;
  task.seed = base::sha256("seed");
  task.tests = {{DriftTest::bbsd_ks, 1e-3},
                {DriftTest::mmd, 1e-3},
                {DriftTest::label_chi2, 1e-3},
                {DriftTest::certified_coverage, 0.0}};
  certificate::Protocol protocol;
  protocol.n0 = 32;
  protocol.n = 100;
  protocol.alpha = 0.001;
  protocol.sigma = job_with(jobs::Certify{}).model.sigma;
  protocol.kernel = trained.kernel;
  protocol.forward_batch = trained.forward_batch;
  protocol.holdout_id = jobs::holdout_id(reference.examples);
  protocol.examples = certificate::example_list_digest(task.reference_examples);
  task.protocol = protocol.to_json();
  return task;
}

// 300 glyphs of a third seed as IDX files, after `change` of pixels and labels, without the classes
// below `first_class`.
jobs::DataPart changed_glyphs(const fakes::TempFolder& folder,
                              const std::function<std::uint8_t(std::uint8_t)>& change,
                              std::uint16_t first_class = 0) {
  const data::Dataset glyphs = data::draw_glyphs(3, 300, kShape, 10).value();
  std::vector<std::uint8_t> labels;
  std::string pixels;
  for (std::size_t i = 0; i < glyphs.size(); ++i) {
    if (glyphs.labels[i] < first_class) continue;
    labels.push_back(static_cast<std::uint8_t>(glyphs.labels[i]));
    for (const std::uint8_t pixel : glyphs.image(i))
      pixels.push_back(static_cast<char>(change(pixel)));
  }
  const auto count = static_cast<std::uint32_t>(labels.size());
  fakes::write_file(folder / "images", data::big_endian(0x803) + data::big_endian(count) +
                                           data::big_endian(28) + data::big_endian(28) + pixels);
  fakes::write_file(folder / "labels", data::idx_labels(labels));
  const jobs::DataSource source{jobs::DataFormat::idx,
                                {(folder / "images").native(), (folder / "labels").native()}};
  return data::resolve(source, kShape, 10).value().part;
}

std::uint8_t as_it_is(std::uint8_t pixel) {
  return pixel;
}

jobs::Drifted run_drift(const fakes::TempFolder& folder, const jobs::Drift& task, int threads = 2) {
  jobs::Job job = job_with(task);
  job.threads = threads;
  write_job(folder.path(), job);
  EXPECT_EQ(run_worker(folder.path()), 0);
  return outcome_in<jobs::Drifted>(folder.path());
}

jobs::Drifted drifted(const jobs::Drift& task, int threads = 2) {
  const fakes::TempFolder folder;
  return run_drift(folder, task, threads);
}

const jobs::DriftStatistic& of_test(const jobs::Drifted& outcome, DriftTest test) {
  return *std::find_if(outcome.tests.begin(), outcome.tests.end(),
                       [&](const auto& statistic) { return statistic.test == test; });
}

TEST(DriftJob, FindsNothingInMoreOfTheSame) {
  jobs::Drift task = drift_task();
  task.fresh = glyphs_part("3:300");
  const jobs::Drifted found = drifted(task);
  EXPECT_EQ(found.fresh, 300U);
  EXPECT_EQ(found.labels, 200U);
  EXPECT_EQ(found.batch.examples, 80U);
  EXPECT_EQ(found.reference.examples, 600U);
  ASSERT_EQ(found.tests.size(), 3U);
  for (const jobs::DriftStatistic& test : found.tests) {
    EXPECT_GT(test.p_value, 1e-3) << jobs::to_string(test.test);
  }
  EXPECT_EQ(found.samples, 680U * 132U);
  EXPECT_NEAR(static_cast<double>(found.batch.certified) / 80.0,
              static_cast<double>(found.reference.certified) / 600.0, 0.15);
}

TEST(DriftJob, SeesWhatTheModelSees) {
  const fakes::TempFolder files;
  jobs::Drift task = drift_task();
  task.fresh = changed_glyphs(files, [](std::uint8_t pixel) {
    return static_cast<std::uint8_t>(pixel / 6);  // so dark that the noise drowns it
  });
  const jobs::Drifted found = drifted(task);
  EXPECT_LE(of_test(found, DriftTest::bbsd_ks).p_value, 1e-3);
  EXPECT_GE(of_test(found, DriftTest::bbsd_ks).effect, 0.2);
  EXPECT_LE(of_test(found, DriftTest::mmd).p_value, 1e-3);
  EXPECT_GT(of_test(found, DriftTest::label_chi2).p_value, 1e-3);  // the labels are as ever
  // Not so many as would be certified for their label; for some label there may even be more.
  EXPECT_LT(static_cast<double>(found.batch.right) / 80.0,
            static_cast<double>(found.reference.right) / 600.0 - 0.1);
  EXPECT_GT(found.stability, 0.25);
}

TEST(DriftJob, MissesClassesThatAreGone) {
  const fakes::TempFolder files;
  jobs::Drift task = drift_task();
  task.fresh = changed_glyphs(files, as_it_is, 4);
  const auto& labels = of_test(drifted(task), DriftTest::label_chi2);
  EXPECT_LE(labels.p_value, 1e-3);
  EXPECT_NEAR(labels.effect, 0.4, 0.05);
}

TEST(DriftJob, TestsOnlyWhatNoEarlierSnapshotHas) {
  const fakes::TempFolder folder;
  const auto earlier = data::resolve({jobs::DataFormat::glyphs, {"3:290"}}, kShape, 10).value();
  std::string digests;
  for (const auto& digest : data::sorted_image_digests(earlier.dataset)) {
    digests.append(digest.bytes.begin(), digest.bytes.end());
  }
  fakes::write_file(folder / "known", digests);
  jobs::Drift task = drift_task();
  task.fresh = glyphs_part("3:300");
  task.known = {{(folder / "known").native(), base::sha256(digests), digests.size()}};
  const jobs::Drifted few = drifted(task);  // ten are too few for anything
  EXPECT_EQ(few.fresh, 10U);
  EXPECT_TRUE(few.tests.empty());
  EXPECT_FALSE(few.outputs.has_value());
  task.fresh = glyphs_part("3:400");
  const jobs::Drifted found = drifted(task);
  EXPECT_EQ(found.fresh, 110U);
  EXPECT_EQ(found.labels, 110U);
  EXPECT_EQ(found.tests.size(), 3U);
}

TEST(DriftJob, GivesTheSameFiguresFromTheOutputsOfAnEarlierJob) {
  const fakes::TempFolder first;
  const fakes::TempFolder second;
  jobs::Drift task = drift_task();
  task.fresh = glyphs_part("3:300");
  const jobs::Drifted sampled = run_drift(first, task, 1);
  ASSERT_TRUE(sampled.reference_outputs.has_value());
  const auto& file = *sampled.reference_outputs;
  task.reference_outputs = {(first / "out/reference.outputs").native(), file.sha256, file.bytes};
  const jobs::Drifted given = run_drift(second, task, 2);
  EXPECT_FALSE(given.reference_outputs.has_value());
  EXPECT_EQ(given.tests, sampled.tests);
  EXPECT_EQ(given.reference, sampled.reference);
  EXPECT_EQ(given.batch, sampled.batch);
  EXPECT_EQ(given.samples, 80U * 132U);
  EXPECT_EQ(given.outputs->sha256, sampled.outputs->sha256);
}

TEST(DriftJob, RefusesAnotherReferenceOrModel) {
  const auto error_of = [](const std::function<void(jobs::Drift&)>& change) {
    const fakes::TempFolder folder;
    jobs::Drift task = drift_task();
    task.fresh = glyphs_part("3:300");
    change(task);
    write_job(folder.path(), job_with(task));
    EXPECT_NE(run_worker(folder.path()), 0);
    return result_in(folder.path()).outcome.error().text();
  };
  EXPECT_THAT(error_of([](jobs::Drift& task) { task.reference = glyphs_part("4:600"); }),
              HasSubstr("not the one that the job names"));
  EXPECT_THAT(error_of([](jobs::Drift& task) { task.reference_examples.pop_back(); }),
              HasSubstr("other examples"));
  EXPECT_THAT(error_of([](jobs::Drift& task) { task.classifier_id = base::sha256("x"); }),
              HasSubstr("classifier"));
  EXPECT_THAT(error_of([](jobs::Drift& task) { task.reference_labels.pop_back(); }),
              HasSubstr("label counts"));
  const fakes::TempFolder folder;
  const std::string text = certificate::outputs_to_tsv({});
  fakes::write_file(folder / "outputs", text);
  EXPECT_THAT(error_of([&](jobs::Drift& task) {
                task.reference_outputs = {(folder / "outputs").native(), base::sha256(text), 9};
              }),
              HasSubstr("outputs given are of other examples"));
}

}  // namespace
}  // namespace heirloom::worker
