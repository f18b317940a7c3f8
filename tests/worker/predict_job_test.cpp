#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "core/certificate/prediction.h"
#include "tests/data/idx_samples.h"
#include "tests/data/picture_samples.h"
#include "tests/worker/job_run.h"

namespace heirloom::worker {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Images that the network below has not seen, with their classes.
const data::Dataset& glyphs() {
  static const data::Dataset dataset =
      data::resolve({jobs::DataFormat::glyphs, {"2:20"}}, kShape, 10).value().dataset;
  return dataset;
}

std::vector<std::uint8_t> glyph(std::size_t index) {
  const auto image = glyphs().image(index);
  return {image.begin(), image.end()};
}

std::string idx_of_glyphs() {
  std::string out =
      data::big_endian(0x803) + data::big_endian(20) + data::big_endian(28) + data::big_endian(28);
  out.append(glyphs().pixels.begin(), glyphs().pixels.end());
  return out;
}

// A LeNet trained for a moment, in a folder that lives as long as the program; no images yet.
const jobs::Predict& prediction() {
  static const fakes::TempFolder folder;
  static const jobs::Predict task = [] {
    write_job(folder.path(), job_with(train_task("lenet", 12)));
    if (run_worker(folder.path()) != 0) throw std::runtime_error("training failed");
    const auto trained = outcome_in<jobs::Trained>(folder.path());
    jobs::Predict predict;
    predict.model = {(folder / "out/model.pt").native(), trained.model.sha256, trained.model.bytes};
    predict.classifier_id = trained.classifier_id;
    predict.kernel = trained.kernel;
    predict.forward_batch = trained.forward_batch;
    predict.n0 = 50;
    predict.n = 1000;
    predict.alpha = 0.001;
    predict.noise_key = base::sha256("key");
    return predict;
  }();
  return task;
}

struct Sent {
  std::string name;
  std::string bytes;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

class PredictJob : public testing::Test {
 protected:
  jobs::Predict with_images(const std::vector<Sent>& sent) {
    jobs::Predict task = prediction();
    for (const Sent& image : sent) {
      const auto path = folder_ / std::to_string(task.files.size());
      fakes::write_file(path, image.bytes);
      task.files.push_back({{path.native(), base::sha256(image.bytes), image.bytes.size()},
                            image.name,
                            image.first,
                            image.count});
    }
    return task;
  }
  int run(const jobs::Predict& task, int threads = 1) {
    jobs::Job job = job_with(task);
    job.threads = threads;
    write_job(folder_.path(), job);
    return run_worker(folder_.path());
  }
  std::vector<jobs::PredictedImage> images(const jobs::Predict& task, int threads = 1) {
    EXPECT_EQ(run(task, threads), 0);
    return outcome_in<jobs::Predicted>(folder_.path()).images;
  }
  void expect_refused(const jobs::Predict& task, jobs::ExitCode code, const std::string& words) {
    EXPECT_EQ(run(task), static_cast<int>(code)) << words;
    EXPECT_THAT(result_in(folder_.path()).outcome.error().message, HasSubstr(words));
  }

  fakes::TempFolder folder_;
};

std::string png_of(std::size_t index) {
  return data::png_file({.width = 28, .height = 28}, glyph(index));
}

TEST_F(PredictJob, CountsVotesForPicturesOfEveryKind) {
  const auto found =
      images(with_images({{"a.png", png_of(0)},
                          {"b.jpg", data::jpeg_file(28, 28, JCS_GRAYSCALE, 1, glyph(1))},
                          {"c.gz", data::gzip(idx_of_glyphs()), 5, 2}}));
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].name, "a.png");
  EXPECT_EQ(found[1].name, "b.jpg");
  EXPECT_EQ(found[2].name, "c.gz#5");
  EXPECT_EQ(found[3].name, "c.gz#6");
  certificate::Protocol protocol;
  protocol.n0 = 50;
  protocol.n = 1000;
  protocol.alpha = 0.001;
  protocol.sigma = 0.25;
  const std::size_t classes[] = {0, 1, 5, 6};
  std::size_t right = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_LE(std::accumulate(found[i].estimate.begin(), found[i].estimate.end(), 0U), 1000U);
    EXPECT_LE(std::accumulate(found[i].select.begin(), found[i].select.end(), 0U), 50U);
    const auto answer =
        certificate::predict(protocol, 10, {0, 0, found[i].select, found[i].estimate});
    ASSERT_TRUE(answer.has_value()) << answer.error().text();
    if (answer->answer == glyphs().labels[classes[i]]) ++right;
  }
  EXPECT_GE(right, 3U);  // by chance, or with mixed up pixels, three of four are one in 280
}

TEST_F(PredictJob, RepeatsWithItsKeyOnAnyThreadsAndDiffersWithAnother) {
  jobs::Predict task = with_images({{"a.idx", idx_of_glyphs(), 0, 6}});
  const auto first = images(task, 1);
  EXPECT_EQ(images(task, 2), first);
  task.noise_key = base::sha256("another");
  EXPECT_NE(images(task), first);
}

TEST_F(PredictJob, NamesThePictureThatDoesNotFit) {
  expect_refused(
      with_images({{"a.png", png_of(0)},
                   {"cat.png", data::png_file({.width = 2, .height = 3}, {1, 2, 3, 4, 5, 6})}}),
      jobs::ExitCode::bad_data, "cat.png is 2 pixels wide and 3 high");
  expect_refused(with_images({{"cut.png", png_of(0).substr(0, 90)}}), jobs::ExitCode::bad_data,
                 "cut.png is a damaged PNG file");
  expect_refused(with_images({{"x.idx", idx_of_glyphs(), 19, 2}}), jobs::ExitCode::bad_job,
                 "0 to 19, not 19 to 20");
}

TEST_F(PredictJob, RefusesMoreImagesThanAPredictionHas) {
  const std::string twenty = idx_of_glyphs();
  expect_refused(with_images({{"a", twenty}, {"b", twenty}, {"c", twenty}, {"d", twenty}}),
                 jobs::ExitCode::bad_job, "more than 64 images, with those of d");
}

TEST_F(PredictJob, RefusesAnotherKernelAndAnotherClassifier) {
  jobs::Predict task = with_images({{"a.png", png_of(0)}});
  task.kernel = "another";
  expect_refused(task, jobs::ExitCode::bad_job, "kernel \"another\"");
  task = with_images({{"a.png", png_of(0)}});
  task.classifier_id = base::sha256("another");
  expect_refused(task, jobs::ExitCode::bad_job, "but the job names");
}

TEST_F(PredictJob, RefusesBytesThatAreNotThoseThatWereSent) {
  const jobs::Predict task = with_images({{"a.png", png_of(0)}});
  fakes::write_file(task.files[0].file.path, png_of(1));
  EXPECT_NE(run(task), 0);
}

}  // namespace
}  // namespace heirloom::worker
