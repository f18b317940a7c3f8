// Signatures of the files that versions come with: what is taken, what is refused and when.
#include <functional>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include "bundle/verify.h"
#include "core/audit/envelope.h"
#include "daemon/bundling.h"
#include "daemon/http/handlers.h"
#include "daemon/inbox/inbox.h"
#include "daemon/views/views.h"
#include "registry/artifact_gc.h"
#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using base::SigningKey;
using ::testing::AllOf;
using ::testing::HasSubstr;

class SignedRegistration : public PipelineHarness {
 protected:
  SignedRegistration() {
    apply_policy_text();
    signers = {true, {key.public_key()}};
  }

  static config::InboxVersion request(const std::string& name = "own") {
    return {.model = "digits",
            .name = name,
            .arch = {std::string(jobs::kTorchScript), {}},
            .file = "/models/net.pt"};
  }
  static audit::VersionClaim claim(const std::string& name = "own") {
    return {"digits", name, "torchscript"};
  }
  std::string signature(const std::string& bytes = "bytes") const {
    return audit::sign_version_file(key, claim(), "net.pt", base::sha256(bytes));
  }

  void ask(const std::optional<std::string>& envelope, const config::InboxVersion& version) {
    const auto taken = register_version(*registry, signers, version, envelope, "uid:0");
    ASSERT_TRUE(taken.has_value()) << taken.error().text();
    registration = taken->id;
    pipeline->step();
  }
  void ask(const std::optional<std::string>& envelope) { ask(envelope, request()); }
  void inspected(const std::string& bytes) {
    const std::int64_t job = runner->only_job();
    const auto file = runner->write_output(job, std::string(jobs::kVersionFileOutput), bytes);
    runner->succeed(job, jobs::VersionInspected{12, file});
  }
  std::string state_of() { return registry->catalog.registration(registration)->state; }

  // Refused before any worker heard of it, and audited; in which words.
  std::string refusal() {
    const auto row = registry->catalog.registration(registration);
    EXPECT_EQ(row->state, "refused");
    EXPECT_EQ(runner->launches, 0) << "a worker opened the file";
    EXPECT_EQ(count("SELECT count(*) FROM versions"), 0);
    const auto events = registry->audit.list(0, 100, std::nullopt);
    EXPECT_EQ(events.back().kind, "version.refused");
    EXPECT_EQ(events.back().actor, "uid:0");
    EXPECT_THAT(events.back().payload,
                HasSubstr("\"registration\":" + std::to_string(registration)));
    expect_intact_chain();
    if (!row->error) return "";
    EXPECT_NE(row->error->hint, "") << "it does not say what to do";
    return row->error->text();
  }

  const SigningKey key = SigningKey::generate();
  std::int64_t registration = 0;
};

TEST_F(SignedRegistration, ByATrustedKeyBecomesAVersionOfTheSignedBytes) {
  const std::string envelope = signature();
  ask(envelope);
  // The worker is told what the file must be before it opens it.
  EXPECT_EQ(std::get<jobs::InspectVersion>(runner->job(runner->only_job()).task).sha256,
            base::sha256("bytes"));
  inspected("bytes");
  EXPECT_EQ(state_of(), "registered");
  const auto row = registry->signatures.of_version(1);
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->key_id, key.public_key().id());
  EXPECT_EQ(row->public_key, key.public_key().to_pem());
  EXPECT_EQ(row->sha256, base::sha256("bytes"));
  EXPECT_EQ(registry->artifacts.get(row->envelope).value(), envelope);
  const auto events = registry->audit.list(0, 100, std::nullopt);
  EXPECT_THAT(events[1].payload, AllOf(HasSubstr(row->key_id), HasSubstr(row->envelope.hex())));
  EXPECT_THAT(events[2].payload, HasSubstr(row->key_id));
  EXPECT_EQ(
      registration_view(*registry, *registry->catalog.registration(registration))["signature"],
      (Json{
          {"key", row->key_id}, {"sha256", row->sha256.hex()}, {"envelope", row->envelope.hex()}}));
  expect_intact_chain();
}

TEST_F(SignedRegistration, WithoutASignatureIsRefusedWhereOneIsRequired) {
  ask(std::nullopt);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("without a signature"),
                               HasSubstr("heirloom sign FILE --key KEY --model digits --name own"),
                               HasSubstr("--signature")));
}

TEST_F(SignedRegistration, WithoutASignatureIsTakenWhereOneIsOptional) {
  signers.required = false;
  ask(std::nullopt);
  inspected("bytes");
  EXPECT_EQ(state_of(), "registered");
  EXPECT_FALSE(registry->signatures.of_version(1).has_value());
}

TEST_F(SignedRegistration, WithABadSignatureIsRefusedWhereOneIsOptionalToo) {
  signers.required = false;
  for (const std::string& bad :
       {std::string(), std::string("no envelope"), signature().substr(0, 100)}) {
    ask(bad);
    EXPECT_THAT(refusal(), HasSubstr("the signature was not taken"));
  }
}

TEST_F(SignedRegistration, ByAnotherKeyIsRefusedAndSaysWhoseCount) {
  const SigningKey stranger = SigningKey::generate();
  ask(audit::sign_version_file(stranger, claim(), "net.pt", base::sha256("bytes")));
  EXPECT_THAT(refusal(), HasSubstr(key.public_key().id().substr(0, 12)));
  signers = {false, {}};
  ask(signature());
  EXPECT_THAT(refusal(), HasSubstr("registration.keys"));
}

TEST_F(SignedRegistration, ForAnotherVersionModelOrKindIsRefused) {
  ask(signature(), request("own2"));
  EXPECT_THAT(refusal(),
              HasSubstr("for version own of digits (torchscript), not for version own2"));
  config::InboxVersion weights = request();
  weights.arch.name = "lenet";
  ask(signature(), weights);
  EXPECT_THAT(refusal(), HasSubstr("(weights)"));
  ask(audit::sign_version_file(key, {"letters", "own", "torchscript"}, "f", base::sha256("bytes")));
  EXPECT_THAT(refusal(), HasSubstr("of letters"));
}

TEST_F(SignedRegistration, OfAnotherPayloadOrInLooseBase64IsRefused) {
  ask(audit::sign_envelope(key, audit::kHeadType, "{}"));
  EXPECT_THAT(refusal(), HasSubstr("payload type"));
  Json loose = Json::parse(signature());
  loose["payload"] = loose["payload"].get<std::string>() + "\n";
  ask(loose.dump());
  EXPECT_THAT(refusal(), HasSubstr("not base64"));
}

// What the worker says counts for nothing: it reports the hash of what it copied.
TEST_F(SignedRegistration, AFileThatWasSwappedAfterSigningIsRefused) {
  ask(signature("bytes"));
  inspected("others");
  const auto row = registry->catalog.registration(registration);
  EXPECT_EQ(row->state, "refused");
  EXPECT_THAT(row->error->message, HasSubstr("another file than was signed"));
  EXPECT_EQ(count("SELECT count(*) FROM versions"), 0);
  EXPECT_EQ(registry->audit.list(0, 100, std::nullopt).back().kind, "version.refused");
}

TEST_F(SignedRegistration, AResultThatNamesTheSignedHashForOtherBytesIsRefused) {
  ask(signature("bytes"));
  const std::int64_t job = runner->only_job();
  auto file = runner->write_output(job, std::string(jobs::kVersionFileOutput), "others");
  file.sha256 = base::sha256("bytes");
  runner->succeed(job, jobs::VersionInspected{12, file});
  EXPECT_EQ(state_of(), "refused");
  EXPECT_EQ(count("SELECT count(*) FROM versions"), 0);
}

TEST_F(SignedRegistration, AskedForTwiceIsOneRegistration) {
  ask(signature());
  const std::int64_t first = registration;
  ask(signature());
  EXPECT_EQ(registration, first);
  const auto other = register_version(*registry, signers, request(), signature("others"), "uid:0");
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().kind, base::ErrorKind::conflict);
}

TEST_F(SignedRegistration, ARefusalLeavesTheNameFree) {
  ask(std::nullopt);
  EXPECT_EQ(state_of(), "refused");
  ask(signature());
  inspected("bytes");
  EXPECT_EQ(state_of(), "registered");
  ask(std::nullopt);
  EXPECT_EQ(state_of(), "refused") << "the registered one is asked for without its signature";
  EXPECT_EQ(count("SELECT count(*) FROM versions"), 1);
}

TEST_F(SignedRegistration, OfABuiltInArchitectureMeansNothing) {
  config::InboxVersion built_in = request();
  built_in.arch.name = "lenet";
  built_in.file.clear();
  const auto taken = register_version(*registry, signers, built_in, signature(), "uid:0");
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().kind, base::ErrorKind::usage);
  ask(std::nullopt, built_in);
  EXPECT_EQ(runner->launches, 1) << "there is no file, so nothing is required";
}

// A daemon that was started again with other settings, while a registration waited.
class SettingsThatChanged : public SignedRegistration {
 protected:
  void start_again(Signers then) {
    signers = std::move(then);
    start();
  }
  std::string refused_without_a_launch() {
    const auto row = registry->catalog.registration(registration);
    EXPECT_EQ(row->state, "refused");
    EXPECT_EQ(runner->launches, 0);
    return row->error ? row->error->text() : "";
  }
};

TEST_F(SettingsThatChanged, RefuseWhatWasAskedForUnsigned) {
  signers.required = false;
  ask(std::nullopt);
  start_again({true, {key.public_key()}});
  EXPECT_THAT(refused_without_a_launch(), HasSubstr("without a signature"));
}

TEST_F(SettingsThatChanged, RefuseAKeyThatIsNamedNoMore) {
  ask(signature());
  start_again({false, {SigningKey::generate().public_key()}});
  EXPECT_THAT(refused_without_a_launch(), HasSubstr("does not count any more"));
}

TEST_F(SettingsThatChanged, HoldWhenAWorkerEndsAsWellAsWhenItStarts) {
  ask(signature());
  signers = {false, {SigningKey::generate().public_key()}};
  inspected("bytes");
  EXPECT_EQ(state_of(), "refused");
  EXPECT_EQ(count("SELECT count(*) FROM versions"), 0);
}

TEST_F(SettingsThatChanged, KeepWhatIsStillSigned) {
  ask(signature());
  start_again({true, {SigningKey::generate().public_key(), key.public_key()}});
  inspected("bytes");
  EXPECT_EQ(state_of(), "registered");
}

TEST_F(SignedRegistration, ARowThatWasDroppedBehindTheChainIsNoWayAround) {
  signers.required = false;
  ask(signature());
  registry->db.execute("DROP TRIGGER registration_signatures_no_delete");
  registry->db.execute("DELETE FROM registration_signatures");
  inspected("bytes");
  EXPECT_EQ(state_of(), "refused");
  EXPECT_TRUE(registry->audit.verify().problem.has_value());
}

TEST_F(SignedRegistration, TheEnvelopeIsNoLitter) {
  ask(signature());
  inspected("bytes");
  const auto later = std::filesystem::file_time_type::clock::now() + std::chrono::hours(1);
  EXPECT_EQ(registry::find_litter(registry->db, registry->artifacts, later)->size(), 0U);
}

TEST_F(SignedRegistration, AnInboxFileNamesItsSignature) {
  Inbox inbox(*registry, *state, signers);
  const auto drop = [&](const std::string& sig) {
    const std::string sha256 = base::sha256("bytes").hex();
    fakes::write_file(folder.path() / "inbox" / "own.yaml",
                      "kind: version\nmodel: digits\nname: own\ntorchscript: /models/net.pt\n"
                      "sha256: {/models/net.pt: " +
                          sha256 + "}\n" + sig);
    inbox.scan();
    inbox.scan();
    pipeline->step();
    inbox.sweep_refused();
  };
  const auto reason = [&] {
    return base::read_file(folder.path() / "inbox" / "refused" / "own.yaml.reason.txt", 10000)
        .value_or("no reason file");
  };
  drop("");
  EXPECT_THAT(reason(), HasSubstr("heirloom sign"));
  drop("signature: net.pt.sig\n");
  EXPECT_THAT(reason(), HasSubstr("not an absolute path"));
  drop("signature: " + (folder.path() / "net.pt.sig").native() + "\n");
  EXPECT_THAT(reason(), HasSubstr("net.pt.sig"));
  EXPECT_EQ(runner->launches, 0);
  fakes::write_file(folder.path() / "net.pt.sig", signature());
  drop("signature: " + (folder.path() / "net.pt.sig").native() + "\n");
  ASSERT_EQ(runner->launches, 1) << reason();
  inspected("bytes");
  EXPECT_TRUE(registry->signatures.of_version(1).has_value());
}

TEST_F(SignedRegistration, ARequestBringsTheEnvelopeItself) {
  Predictions predictions(*registry, *runner, *state, settings, clock);
  ApiContext api{*registry, *pipeline, predictions, *state, signers, "", [] {}};
  Router router;
  add_write_routes(router, api);
  const auto post = [&](const Json& body) {
    return router.handle("POST", "/v1/models/digits/versions", body.dump(), "uid:0");
  };
  Json body = {{"name", "own"}, {"torchscript", "/models/net.pt"}};
  EXPECT_EQ(post(body).body["state"], "refused");
  body["signature"] = signature();
  const ApiResponse taken = post(body);
  EXPECT_EQ(taken.status, 202);
  EXPECT_EQ(taken.body["signature"]["key"], key.public_key().id());
  body["signature"] = Json::object();
  EXPECT_EQ(post(body).status, 400);
}

// From a signed module to a verdict whose evidence says who signed it.
class SignedEvidence : public SignedRegistration {
 protected:
  bundle::Bundle evidence() {
    ask(signature());
    inspected("bytes");
    ask_snapshot("s1");
    play_snapshot();
    play_training("weights of g1");
    play_certification(200);
    auto made = bundle_of(*registry, generation(1), nullptr);
    if (!made) throw std::runtime_error(made.error().text());
    return *std::move(made);
  }
};

TEST_F(SignedEvidence, NamesTheKeyAndHoldsTheEnvelope) {
  bundle::Bundle made = evidence();
  const auto found = bundle::verify(made);
  EXPECT_FALSE(found.difference.has_value()) << *found.difference;
  EXPECT_THAT(found.checks, ::testing::Contains(HasSubstr("version own is signed by key " +
                                                          key.public_key().id().substr(0, 12))));
  const auto row = registry->signatures.of_version(1);
  made.artifacts[row->envelope.hex()] = signature("others");
  EXPECT_TRUE(bundle::verify(made).difference.has_value());
  made.artifacts.erase(row->envelope.hex());
  EXPECT_TRUE(bundle::verify(made).difference.has_value());
}

TEST(SignersInSettings, AreReadOrRefusedWithTheirPlace) {
  const fakes::TempFolder folder;
  const SigningKey key = SigningKey::generate();
  const auto settings = [&](const std::string& name) {
    return config::RegistrationSettings{true, {{(folder / name).native(), "f.yaml:3:11"}}};
  };
  fakes::write_file(folder / "good.pem", key.public_key().to_pem());
  const auto good = load_signers(settings("good.pem"));
  ASSERT_TRUE(good.has_value()) << good.error().text();
  EXPECT_TRUE(good->required);
  EXPECT_EQ(good->keys.at(0).id(), key.public_key().id());
  fakes::write_file(folder / "secret.pem", key.to_pem());
  for (const char* bad : {"missing.pem", "secret.pem"}) {
    const auto refused = load_signers(settings(bad));
    ASSERT_FALSE(refused.has_value()) << bad;
    EXPECT_THAT(refused.error().text(),
                AllOf(HasSubstr("f.yaml:3:11"), HasSubstr("registration.keys"), HasSubstr(bad)));
  }
}

}  // namespace
}  // namespace heirloom::daemon
