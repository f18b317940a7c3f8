#include "core/arch/script_network.h"

#include <sys/wait.h>

#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/arch/artifact.h"
#include "core/arch/build.h"
#include "core/arch/export.h"
#include "core/arch/probe.h"
#include "core/base/files.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::arch {
namespace {

using testing::HasSubstr;

constexpr jobs::InputShape kShape{1, 28, 28};

// The modules that a Python script exports, once for all tests.
class ScriptNetworkTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<fakes::TempFolder>();
    const std::string command =
        fmt::format("/usr/bin/python3 {} {}", HEIRLOOM_MODULES_SCRIPT, folder_->path().native());
    status_ = WEXITSTATUS(std::system(command.c_str()));
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override {
    if (status_ == 77) GTEST_SKIP() << "needs PyTorch for Python";
    ASSERT_EQ(status_, 0);
  }

  static std::string module(const std::string& name) {
    return base::read_file(folder_->path() / (name + ".pt"), 1 << 24).value();
  }
  static base::Result<std::shared_ptr<Classifier>> network(
      const std::string& name, std::map<std::string, std::string> parameters = {}) {
    return build({std::string(jobs::kTorchScript), std::move(parameters)}, kShape, 10,
                 module(name));
  }
  static std::string refusal(const std::string& name) {
    const auto built = network(name);
    if (built) return "accepted";
    EXPECT_EQ(built.error().kind, base::ErrorKind::bad_data) << name;
    return built.error().text();
  }
  static torch::Tensor images(std::int64_t count) {
    torch::manual_seed(7);
    return torch::rand({count, 1, 28, 28});
  }

 private:
  static inline std::unique_ptr<fakes::TempFolder> folder_;
  static inline int status_ = -1;
};

TEST_F(ScriptNetworkTest, TrainsEveryParameterThatTheUserLeftTrainable) {
  EXPECT_EQ(probe({std::string(jobs::kTorchScript), {}}, kShape, 10, module("scripted")).value(),
            8U * 25 + 8 + 16 + 8 * 8 * 9 + 8 + 2010);
  const auto fixed = network("fixed_backbone").value();
  for (const auto& entry : fixed->named_parameters()) {
    EXPECT_EQ(entry.value().requires_grad(), entry.key().rfind("conv/", 0) != 0) << entry.key();
  }
}

TEST_F(ScriptNetworkTest, ChangesOfItsParametersReachTheModule) {
  const auto net = network("scripted").value();
  net->eval();
  const torch::Tensor before = net->forward(images(2)).detach();
  {
    const torch::NoGradGuard no_grad;
    for (auto& entry : net->named_parameters()) {
      if (entry.key() == "head/bias") entry.value().add_(1.0);
    }
  }
  EXPECT_TRUE(torch::allclose(net->forward(images(2)), before + 1.0));
}

TEST_F(ScriptNetworkTest, FollowsTrainAndEval) {
  const auto net = network("scripted").value();
  const auto mean = [&] { return net->named_buffers()["norm/running_mean"].clone(); };
  const torch::Tensor first = mean();
  net->forward(images(4));
  EXPECT_FALSE(torch::equal(first, mean()));
  net->eval();
  const torch::Tensor second = mean();
  net->forward(images(4));
  EXPECT_TRUE(torch::equal(second, mean()));
}

TEST_F(ScriptNetworkTest, FrozenNormStaysAsInEvaluation) {
  for (const char* name : {"scripted", "traced_eval"}) {
    const auto net = network(name, {{"frozen_norm", "true"}}).value();
    net->train();
    const torch::Tensor mean = net->named_buffers()["norm/running_mean"].clone();
    const torch::Tensor logits = net->forward(images(4));
    EXPECT_TRUE(torch::equal(net->forward(images(4)), logits)) << name;
    EXPECT_TRUE(torch::equal(net->named_buffers()["norm/running_mean"], mean)) << name;
  }
}

TEST_F(ScriptNetworkTest, TheArtifactComputesWhatTheNetworkDoes) {
  const auto net = network("scripted").value();
  net->forward(images(16));
  net->eval();
  const torch::Tensor logits = net->forward(images(3)).detach();
  for (const auto precision : {jobs::Precision::fp32, jobs::Precision::bf16}) {
    const auto bytes = export_classifier(*net, kShape, precision);
    ASSERT_TRUE(bytes.has_value()) << bytes.error().text();
    auto artifact = Artifact::load(*bytes, kShape, 10, "model.pt");
    ASSERT_TRUE(artifact.has_value()) << artifact.error().text();
    const double tolerance = precision == jobs::Precision::fp32 ? 1e-5 : 0.05;
    EXPECT_TRUE(torch::allclose(artifact->forward(images(3)), logits, 0.0, tolerance))
        << jobs::to_string(precision);
  }
  EXPECT_TRUE(net->named_parameters()["head/bias"].requires_grad()) << "the export changed it";
}

// Its reshape by view() refuses channels-last tensors, which is what certification prefers.
TEST_F(ScriptNetworkTest, TheArtifactTakesImagesInAnyLayout) {
  const auto bytes = export_classifier(*network("scripted").value(), kShape, jobs::Precision::fp32);
  auto artifact = Artifact::load(bytes.value(), kShape, 10, "model.pt").value();
  const torch::Tensor x = images(4);
  const torch::Tensor channels_last = torch::empty_strided(x.sizes(), {784, 1, 28, 1}).copy_(x);
  EXPECT_TRUE(torch::equal(artifact.forward(x), artifact.forward(channels_last)));
}

TEST_F(ScriptNetworkTest, TheExportFollowsFromTheWeightsAlone) {
  const auto once = export_classifier(*network("scripted").value(), kShape, jobs::Precision::fp32);
  const auto twice = export_classifier(*network("scripted").value(), kShape, jobs::Precision::fp32);
  const auto id = [](const base::Result<std::string>& bytes) {
    return Artifact::load(bytes.value(), kShape, 10, "model.pt").value().classifier_id();
  };
  EXPECT_EQ(id(once), id(twice));
}

TEST_F(ScriptNetworkTest, RefusesWhatBreaksTheContractAndSaysHowToMendIt) {
  EXPECT_THAT(refusal("traced_eval"),
              testing::AllOf(HasSubstr("train() does not switch on"), HasSubstr("torch.jit.script"),
                             HasSubstr("frozen_norm=true")));
  EXPECT_THAT(refusal("traced_train"),
              testing::AllOf(HasSubstr("whatever eval() says"), HasSubstr("torch.jit.script")));
  EXPECT_THAT(refusal("softmax"), HasSubstr("returns probabilities"));
  EXPECT_THAT(refusal("log_softmax"), HasSubstr("returns log-probabilities"));
  EXPECT_THAT(refusal("noise"), HasSubstr("other logits when it is asked again"));
  EXPECT_THAT(refusal("neighbours"), HasSubstr("when its neighbours in the batch change"));
  EXPECT_THAT(refusal("crowd"), HasSubstr("other logits in a large batch than alone"));
  EXPECT_THAT(refusal("squeezed"), HasSubstr("for a batch of 1, not Float [1, 10]"));
  EXPECT_THAT(refusal("two_inputs"), HasSubstr("a forward of 2 arguments"));
  EXPECT_THAT(refusal("pair"), HasSubstr("returns a Tuple"));
  EXPECT_THAT(refusal("nine_classes"), HasSubstr("Float [4, 9] for a batch of 4"));
  EXPECT_THAT(refusal("half"), HasSubstr("of type Half, not float32"));
  EXPECT_THAT(refusal("double"), HasSubstr("of type Double, not float32"));
  EXPECT_THAT(refusal("frozen"), HasSubstr("no parameter that can be trained"));
  EXPECT_THAT(refusal("nan"), HasSubstr("head.bias that is not finite"));
  EXPECT_THAT(refusal("text"), HasSubstr("is no model file to be opened"));
}

TEST_F(ScriptNetworkTest, RefusesImagesThatItDoesNotTake) {
  const auto built =
      build({std::string(jobs::kTorchScript), {}}, {3, 32, 32}, 10, module("scripted"));
  ASSERT_FALSE(built.has_value());
  EXPECT_THAT(built.error().text(), HasSubstr("float32 [N, 3, 32, 32]"));
}

TEST_F(ScriptNetworkTest, RefusesOtherParameters) {
  EXPECT_THAT(network("scripted", {{"depth", "8"}}).error().text(), HasSubstr("\"depth\""));
  EXPECT_THAT(network("scripted", {{"frozen_norm", "yes"}}).error().text(),
              HasSubstr("not true or false"));
}

}  // namespace
}  // namespace heirloom::arch
