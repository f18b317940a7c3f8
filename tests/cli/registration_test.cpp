// heirloom register and data add, run as a user would against a daemon with canned answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_heirloom.h"
#include "tests/cli/samples.h"
#include "tests/cli/temporary_folder.h"

namespace heirloom::cli::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kVersions = "POST /v1/models/digits/versions";
const std::string kSnapshots = "POST /v1/models/digits/snapshots";
const std::string kRegistration = "GET /v1/registrations/7";

class Registration : public testing::Test {
 protected:
  Outcome run(std::vector<std::string> arguments, Surroundings where = {}) {
    where.environment["HEIRLOOM_SOCKET"] = daemon_.socket_path();
    return run_heirloom(arguments, where);
  }

  // What `data add` with these last arguments sends, run in `folder`.
  Json snapshot_sent(const std::vector<std::string>& arguments, const std::string& folder) {
    daemon_.answer(kSnapshots, 202, registration_sample("inspecting"));
    std::vector<std::string> words = {"data", "add", "digits", "--name", "s1", "--no-wait"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const Outcome outcome = run(words, {{}, folder});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return daemon_.requests().empty() ? Json() : daemon_.requests().back().json();
  }

  FakeDaemon daemon_;
};

TEST_F(Registration, WaitsUntilTheVersionIsInspected) {
  daemon_.answer(kVersions, 202, registration_sample("inspecting"));
  daemon_.answer(kRegistration, 200, registration_sample("inspecting"));
  daemon_.answer(kRegistration, 200, registration_sample("registered"));
  const Outcome outcome = run({"register", "digits", "--name", "r8", "--arch", "resnet", "--set",
                               "depth=8", "--set", "width=a=b"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "version r8 of digits: registered\n");
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_EQ(daemon_.count(kRegistration), 2U);
  EXPECT_EQ(daemon_.requests().front().json(), Json::parse(R"({"name": "r8", "arch": "resnet",
                            "parameters": {"depth": "8", "width": "a=b"}})"));
}

TEST_F(Registration, ARefusalFailsWithTheWorkersReason) {
  daemon_.answer(kVersions, 202, registration_sample("inspecting"));
  daemon_.answer(kRegistration, 200, registration_sample("refused"));
  const Outcome outcome = run({"register", "digits", "--name", "r8", "--arch", "resnet"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("heirloom: version r8 of digits was refused: depth must be"));
  EXPECT_THAT(outcome.err, HasSubstr("hint: 8, 14, 20"));
}

TEST_F(Registration, ARefusalAsJsonIsOneDocument) {
  daemon_.answer(kVersions, 202, registration_sample("inspecting"));
  daemon_.answer(kRegistration, 200, registration_sample("refused"));
  const Outcome outcome =
      run({"register", "digits", "--name", "r8", "--arch", "resnet", "-o", "json"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(Json::parse(outcome.out), registration_sample("refused"));
}

TEST_F(Registration, DoesNotWaitWhenToldSo) {
  daemon_.answer(kVersions, 202, registration_sample("inspecting"));
  const Outcome outcome =
      run({"register", "digits", "--name", "r8", "--arch", "lenet", "--no-wait"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("inspecting"));
  EXPECT_EQ(daemon_.count(kRegistration), 0U);
}

TEST_F(Registration, GivesUpAfterItsTimeout) {
  daemon_.answer(kVersions, 202, registration_sample("inspecting"));
  daemon_.answer(kRegistration, 200, registration_sample("inspecting"));
  const Outcome outcome =
      run({"register", "digits", "--name", "r8", "--arch", "lenet", "--timeout", "0.3"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("still being inspected after 0.3 s"));
  EXPECT_THAT(outcome.err, HasSubstr("heirloom status digits"));
}

TEST_F(Registration, AnotherVersionOfTheSameNameIsAConflict) {
  daemon_.answer(kVersions, 409, error_body("conflict", "r8 is another architecture", "rename"));
  const Outcome outcome = run({"register", "digits", "--name", "r8", "--arch", "lenet"});
  EXPECT_EQ(outcome.code, 7);
  EXPECT_EQ(outcome.err, "heirloom: r8 is another architecture\n  hint: rename\n");
}

TEST_F(Registration, ATorchScriptFileGoesOutByItsAbsolutePath) {
  daemon_.answer(kVersions, 202, registration_sample("registered"));
  EXPECT_EQ(run({"register", "digits", "--name", "r8", "--torchscript", "m.pt", "--set",
                 "frozen_norm=true"})
                .code,
            0);
  const Json body = daemon_.requests().front().json();
  EXPECT_EQ(body["torchscript"], (std::filesystem::current_path() / "m.pt").string());
  EXPECT_EQ(body["parameters"], (Json{{"frozen_norm", "true"}}));
  EXPECT_FALSE(body.contains("arch"));
}

TEST_F(Registration, BadSettingsAreMistakesOfTheCommand) {
  for (const std::vector<std::string>& settings : {std::vector<std::string>{"--set", "depth"},
                                                   {"--set", "=8"},
                                                   {"--set", "depth=8", "--set", "depth=14"}}) {
    std::vector<std::string> words = {"register", "digits", "--name", "r8", "--arch", "resnet"};
    words.insert(words.end(), settings.begin(), settings.end());
    EXPECT_EQ(run(words).code, 2) << settings.back();
  }
  EXPECT_THAT(daemon_.requests(), IsEmpty());
}

TEST_F(Registration, AnArchitectureIsNeededAndOnlyOne) {
  EXPECT_EQ(run({"register", "digits", "--name", "r8"}).code, 2);
  EXPECT_EQ(
      run({"register", "digits", "--name", "r8", "--arch", "lenet", "--torchscript", "m"}).code, 2);
}

TEST_F(Registration, WeightsAreSentByTheirAbsolutePath) {
  const TemporaryFolder folder;
  daemon_.answer(kVersions, 202, registration_sample("inspecting"));
  const Outcome outcome = run({"register", "digits", "--name", "r8", "--arch", "lenet", "--weights",
                               "w.safetensors", "--no-wait"},
                              {{}, folder.path().string()});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(daemon_.requests().front().json()["weights"],
            folder.path().string() + "/w.safetensors");
}

TEST_F(Registration, ASignatureIsSentAsItStandsInItsFile) {
  const TemporaryFolder folder;
  const std::string signature = folder.write("m.pt.sig", "{\"payload\": \"\"}\n");
  Json answer = registration_sample("registered");
  answer["signature"] = {{"key", std::string(64, 'b')}};
  daemon_.answer(kVersions, 202, answer);
  const Outcome outcome = run(
      {"register", "digits", "--name", "r8", "--torchscript", "m.pt", "--signature", signature});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(daemon_.requests().front().json()["signature"], "{\"payload\": \"\"}\n");
  EXPECT_THAT(outcome.out, HasSubstr("signed by key bbbbbbbbbbbb"));
  EXPECT_EQ(run({"register", "digits", "--name", "r8", "--torchscript", "m.pt", "--signature",
                 "/no/such.sig"})
                .code,
            2);
}

TEST_F(Registration, RelativePathsAreMadeAbsolute) {
  const TemporaryFolder folder;
  const std::string here = folder.path().string();
  const Json sent = snapshot_sent(
      {"--format", "idx", "--train", "a.gz", "./b.gz", "--holdout", "/data/../c", "sub/d"}, here);
  EXPECT_EQ(sent["train"], Json({here + "/a.gz", here + "/b.gz"}));
  // Not resolved: /data may be a symbolic link.
  EXPECT_EQ(sent["holdout"], Json({"/data/../c", here + "/sub/d"}));
  EXPECT_EQ(sent["format"], "idx");
  EXPECT_EQ(sent["name"], "s1");
}

TEST_F(Registration, ImagesAndLabelsMayBeOneArgument) {
  const Json sent = snapshot_sent({"--format", "idx", "--train", "/x/a,/x/b"}, "/tmp");
  EXPECT_EQ(sent["train"], Json({"/x/a", "/x/b"}));
  EXPECT_FALSE(sent.contains("holdout"));
}

TEST_F(Registration, AFileWithACommaInItsNameIsOneFile) {
  const TemporaryFolder folder;
  const std::string file = folder.write("a,b", "x");
  const Json sent = snapshot_sent({"--format", "idx", "--train", file}, "/tmp");
  EXPECT_EQ(sent["train"], Json({file}));
}

TEST_F(Registration, SeedsOfGlyphsAreNoPaths) {
  const Json sent =
      snapshot_sent({"--format", "glyphs", "--train", "1:20000", "--holdout", "2:2000"}, "/tmp");
  EXPECT_EQ(sent["train"], Json({"1:20000"}));
  EXPECT_EQ(sent["holdout"], Json({"2:2000"}));
}

TEST_F(Registration, CifarTakesAFolderOrAnyNumberOfFiles) {
  const TemporaryFolder folder;
  const std::string here = folder.path().string();
  const Json sent = snapshot_sent({"--format", "cifar", "--train", "1.bin", "2.bin", "a,b.bin",
                                   "--holdout", "/x/cifar-10-batches-bin"},
                                  here);
  EXPECT_EQ(sent["format"], "cifar");
  // A comma parts images and labels of idx, and nothing else.
  EXPECT_EQ(sent["train"], Json({here + "/1.bin", here + "/2.bin", here + "/a,b.bin"}));
  EXPECT_EQ(sent["holdout"], Json({"/x/cifar-10-batches-bin"}));
  EXPECT_EQ(snapshot_sent({"--format", "cifar", "--train", "a,b.bin"}, here)["train"],
            Json({here + "/a,b.bin"}));
}

TEST_F(Registration, APictureFolderIsOnePath) {
  const TemporaryFolder folder;
  const std::string here = folder.path().string();
  const Json sent =
      snapshot_sent({"--format", "folder", "--train", "pets,cats", "--holdout", "./test"}, here);
  EXPECT_EQ(sent["format"], "folder");
  EXPECT_EQ(sent["train"], Json({here + "/pets,cats"}));
  EXPECT_EQ(sent["holdout"], Json({here + "/test"}));
}

TEST_F(Registration, MorePathsThanAFormatHasAreMistakes) {
  for (const auto& [format, paths, words] :
       {std::tuple("folder", 2, "--train has 2 paths, for folder at most 1"),
        std::tuple("glyphs", 2, "for glyphs at most 1"),
        std::tuple("idx", 3, "for idx at most 2")}) {
    std::vector<std::string> command = {"data", "add",      "digits", "--name",
                                        "s1",   "--format", format,   "--train"};
    for (int i = 0; i < paths; ++i) command.push_back("/x/" + std::to_string(i));
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.code, 2) << format;
    EXPECT_THAT(outcome.err, HasSubstr(words));
  }
  EXPECT_THAT(daemon_.requests(), IsEmpty());
}

TEST_F(Registration, UnknownFormatsAreMistakes) {
  EXPECT_EQ(run({"data", "add", "digits", "--name", "s1", "--format", "png", "--train", "x"}).code,
            2);
  EXPECT_THAT(daemon_.requests(), IsEmpty());
}

}  // namespace
}  // namespace heirloom::cli::test
