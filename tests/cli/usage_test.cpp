// What happens before the daemon is asked: arguments, help, sockets; and when there is no daemon.
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
using testing::StartsWith;

TEST(Unreachable, ADaemonThatIsNotThereIsExitCodeSixWithItsSocketAndWhatToDo) {
  const TemporaryFolder folder;
  const std::string socket = folder.path() / "heirloom.sock";
  const Outcome outcome = run_heirloom({"status", "--socket", socket, "-o", "json"});
  EXPECT_EQ(outcome.code, 6);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, StartsWith("heirloom: no daemon answers at " + socket));
  EXPECT_THAT(outcome.err, HasSubstr("heirloomd --state DIR"));
}

TEST(Unreachable, ASocketThatNobodyListensOnIsExitCodeSix) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_heirloom({"status", "--socket", folder.write("heirloom.sock", "")}).code, 6);
}

TEST(Unreachable, APathThatNoSocketCanHaveIsAMistake) {
  EXPECT_EQ(run_heirloom({"status", "--socket", "/tmp/" + std::string(120, 'x')}).code, 2);
}

TEST(Socket, TheOptionWinsOverTheVariableAndThatOverTheStateFolder) {
  const FakeDaemon daemon;
  const std::string state = std::filesystem::path(daemon.socket_path()).parent_path();
  const Surroundings by_state{{{"HEIRLOOM_STATE", state}}, ""};
  const Surroundings by_wrong_variable{
      {{"HEIRLOOM_STATE", state}, {"HEIRLOOM_SOCKET", "/nonexistent/a.sock"}}, ""};
  // The fake daemon knows no route: it answers "not found", which proves that it was asked.
  EXPECT_EQ(run_heirloom({"status"}, by_state).code, 5);
  EXPECT_EQ(run_heirloom({"status"}, by_wrong_variable).code, 6);
  EXPECT_EQ(run_heirloom({"status", "--socket", daemon.socket_path()}, by_wrong_variable).code, 5);
}

TEST(Socket, WithoutAnyHintIsTheOneOfThePackage) {
  EXPECT_THAT(run_heirloom({"status"}).err, HasSubstr("/var/lib/heirloom/heirloom.sock"));
}

TEST(Usage, AnUnknownCommandIsAMistakeWithASuggestion) {
  const Outcome outcome = run_heirloom({"statsu"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err,
            "heirloom: there is no command \"heirloom statsu\"\n"
            "  hint: did you mean heirloom status?\n");
  EXPECT_THAT(run_heirloom({"-o", "json", "generation", "shwo"}).err,
              HasSubstr("did you mean heirloom generation show?"));
  EXPECT_THAT(run_heirloom({"frobnicate"}).err, HasSubstr("heirloom --help"));
}

TEST(Usage, AnUnknownOptionIsAMistakeWithASuggestion) {
  const Outcome outcome = run_heirloom({"status", "--wacth"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("heirloom status has no option --wacth"));
  EXPECT_THAT(outcome.err, HasSubstr("did you mean --watch?"));
}

TEST(Usage, MistakesAreExitCodeTwoAndLeaveStandardOutputEmpty) {
  const std::vector<std::vector<std::string>> mistakes = {
      {},
      {"policy"},
      {"champion"},
      {"champion", "Not A Name"},
      {"champion", "digits", "extra"},
      {"status", "-o", "yaml"},
      {"status", "digits", "--timeout", "5"},  // nothing is waited for
      {"status", "digits", "--watch", "--timeout", "-1"},
      {"generation", "show", "digits", "2"},
      {"generation", "show", "digits", "g0"},
      {"audit", "log", "--limit", "0"},
      {"history", "digits"},
      {"certificate", "export", "log.tsv"},  // to which form?
      {"certificate", "summary", "log.tsv", "-o", "yaml"},
      {"certificate", "summary", "log.tsv", "--confidence", "95"},
      {"certificate", "summary", "log.tsv", "--sigma", "nan"},
      {"certificate", "summary", "log.tsv", "--draws", "100"}};
  for (const std::vector<std::string>& words : mistakes) {
    const Outcome outcome = run_heirloom(words);
    std::string shown;
    for (const std::string& word : words) shown += " " + word;
    EXPECT_EQ(outcome.code, 2) << shown;
    EXPECT_THAT(outcome.out, IsEmpty()) << shown;
    EXPECT_THAT(outcome.err, HasSubstr("heirloom")) << shown;
  }
}

TEST(Usage, GlobalOptionsMayStandBeforeOrAfterTheCommand) {
  FakeDaemon daemon;
  daemon.answer("GET /v1/status", 200, {{"models", Json::array()}});
  const std::string socket = daemon.socket_path();
  const std::string expected = Json({{"models", Json::array()}}).dump(2) + "\n";
  EXPECT_EQ(run_heirloom({"--socket", socket, "-o", "json", "status"}).out, expected);
  EXPECT_EQ(run_heirloom({"status", "--output=json", "--socket=" + socket}).out, expected);
}

TEST(Usage, AModelMayHaveTheNameOfACommand) {
  FakeDaemon daemon;
  daemon.answer("GET /v1/models/list/generations?after=0&limit=1000", 200, Json::array());
  const Outcome outcome =
      run_heirloom({"generation", "list", "list", "-o", "json", "--socket", daemon.socket_path()});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST(Help, EveryCommandShowsAnExample) {
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"status"},
                                                          {"policy", "check"},
                                                          {"policy", "apply"},
                                                          {"register"},
                                                          {"data", "add"},
                                                          {"generation", "list"},
                                                          {"generation", "show"},
                                                          {"lineage"},
                                                          {"history"},
                                                          {"champion"},
                                                          {"approve"},
                                                          {"reject"},
                                                          {"retry"},
                                                          {"audit", "log"},
                                                          {"audit", "verify"},
                                                          {"certificate", "summary"},
                                                          {"certificate", "export"},
                                                          {"certificate", "import"}};
  for (std::vector<std::string> words : commands) {
    std::string path = "heirloom";
    for (const std::string& word : words) path += " " + word;
    words.emplace_back("--help");
    const Outcome outcome = run_heirloom(words);
    EXPECT_EQ(outcome.code, 0) << path;
    EXPECT_THAT(outcome.out, HasSubstr("Example:\n  " + path)) << path;
  }
}

TEST(Help, TheVersionIsPrinted) {
  const Outcome outcome = run_heirloom({"--version"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, StartsWith("heirloom 0."));
}

TEST(Output, ThatCannotBeWrittenIsAFailure) {
  FakeDaemon daemon;
  daemon.answer("GET /v1/status", 200, status_sample());
  const Surroundings where{{{"HEIRLOOM_SOCKET", daemon.socket_path()}}, ""};
  EXPECT_EQ(run_heirloom({"status"}, where).code, 0);
  EXPECT_EQ(run_heirloom_into("/dev/full", {"status"}, where).code, 1);
}

}  // namespace
}  // namespace heirloom::cli::test
