// heirloom sign: files and a key alone, no daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cli/json.h"
#include "core/audit/version_signature.h"
#include "core/base/files.h"
#include "tests/cli/run_heirloom.h"
#include "tests/cli/temporary_folder.h"

namespace heirloom::cli::test {
namespace {

using testing::HasSubstr;

class Sign : public testing::Test {
 protected:
  Sign() { set_mode(0600); }
  void set_mode(mode_t mode) { ::chmod(key_file_.c_str(), mode); }

  Outcome sign(const std::string& file, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"sign",    file,     "--key",  key_file_,
                                      "--model", "digits", "--name", "own"};
    words.insert(words.end(), more.begin(), more.end());
    return run_heirloom(words);
  }
  // The digest that the file `name` was signed with, for what `kind` says.
  std::string signed_digest(const std::string& name, const std::string& kind) {
    const auto envelope = base::read_file(folder_.path() / name, 1 << 20);
    if (!envelope) return envelope.error().text();
    const std::vector<base::VerifyKey> keys{key_.public_key()};
    const auto found = audit::verify_version_file(keys, *envelope, {"digits", "own", kind});
    return found ? found->sha256.hex() : found.error().text();
  }

  const TemporaryFolder folder_;
  const base::SigningKey key_ = base::SigningKey::generate();
  const std::string key_file_ = folder_.write("key.pem", key_.to_pem());
  const std::string module_ = folder_.write("net.pt", "PK\x03\x04 a module");
  const std::string weights_ =
      folder_.write("w.safetensors", std::string("\x02\0\0\0\0\0\0\0{}", 10));
};

TEST_F(Sign, WritesASignatureBesideTheFile) {
  const Outcome outcome = sign(module_);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("version own of digits (torchscript)"));
  EXPECT_EQ(signed_digest("net.pt.sig", "torchscript"), base::sha256("PK\x03\x04 a module").hex());
  EXPECT_EQ(sign(weights_, {"--out", (folder_.path() / "w.sig").string()}).code, 0);
  EXPECT_EQ(signed_digest("w.sig", "weights").size(), 64U);
}

TEST_F(Sign, SaysWhatItSignedAsJson) {
  const Outcome outcome = sign(module_, {"-o", "json"});
  const Json said = Json::parse(outcome.out);
  EXPECT_EQ(said["sha256"], base::sha256("PK\x03\x04 a module").hex());
  EXPECT_EQ(said["key"], key_.public_key().id());
  EXPECT_EQ(said["signature"], module_ + ".sig");
  EXPECT_EQ(said["kind"], "torchscript");
}

TEST_F(Sign, AFileOfNoKnownKindNeedsAWord) {
  const std::string other = folder_.write("other", "neither");
  const Outcome outcome = sign(other);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("--kind"));
  EXPECT_FALSE(std::filesystem::exists(other + ".sig"));
  EXPECT_EQ(sign(other, {"--kind", "weights"}).code, 0);
  EXPECT_EQ(signed_digest("other.sig", "weights").size(), 64U);
  EXPECT_EQ(sign(other, {"--kind", "model"}).code, 2);
}

TEST_F(Sign, AKeyThatOthersCanReadSignsNothing) {
  set_mode(0644);
  const Outcome outcome = sign(module_);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("chmod 600"));
  EXPECT_FALSE(std::filesystem::exists(module_ + ".sig"));
}

TEST_F(Sign, MissingFilesAndNamesThatAreNoneAreMistakes) {
  EXPECT_EQ(sign("/no/such/file").code, 2);
  EXPECT_EQ(run_heirloom({"sign", module_, "--key", "/no/key", "--model", "m", "--name", "v"}).code,
            2);
  EXPECT_EQ(run_heirloom({"sign", module_, "--key", key_file_, "--model", "M", "--name", "v"}).code,
            2);
  EXPECT_EQ(run_heirloom({"sign", module_, "--key", key_file_, "--name", "v"}).code, 2);
}

}  // namespace
}  // namespace heirloom::cli::test
