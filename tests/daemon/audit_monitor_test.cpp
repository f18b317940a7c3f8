// The audit that runs beside the work, as a client sees it.
#include "daemon/audit_monitor.h"

#include <thread>

#include <gmock/gmock.h>

#include "daemon/http/handlers.h"
#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Monitored : public PipelineHarness {
 protected:
  void SetUp() override {
    bring_to_training();
    begin();
  }

  void begin() {
    predictions = std::make_unique<Predictions>(*registry, *runner, *state, settings, clock);
    monitor =
        std::make_unique<AuditMonitor>(*registry, folder / "registry.check", [this] { ++wakes; });
    api.reset(new ApiContext{*registry, *pipeline, *predictions, *state, signers, "", [] {},
                             monitor.get()});
    router = Router();
    add_read_routes(router, *api);
    add_audit_routes(router, *api);
  }
  void run_to_end() {
    AuditMonitor::Step step = AuditMonitor::Step::more;
    while ((step = monitor->step()) != AuditMonitor::Step::done) {
      if (step == AuditMonitor::Step::wait) std::this_thread::yield();
    }
  }
  ApiResponse ask(const std::string& method, const std::string& target) {
    return router.handle(method, target, "", "uid:7");
  }

  std::unique_ptr<Predictions> predictions;
  std::unique_ptr<AuditMonitor> monitor;
  std::unique_ptr<ApiContext> api;
  Router router;
  int wakes = 0;
};

TEST_F(Monitored, ACheckIsAskedForRunsInPiecesAndIsShown) {
  EXPECT_EQ(ask("GET", "/v1/audit/verify").body["state"], "unchecked");
  const auto asked = ask("POST", "/v1/audit/verify");
  EXPECT_EQ(asked.status, 202);
  EXPECT_EQ(asked.body["state"], "running");
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(monitor->step(), AuditMonitor::Step::more) << "not all at once";
  run_to_end();
  const json done = ask("GET", "/v1/audit/verify").body;
  EXPECT_EQ(done["ok"], true) << done;
  EXPECT_EQ(done["integrity"], "ok");
  EXPECT_EQ(done["head"], registry->audit.head().hash.hex());
  EXPECT_EQ(ask("GET", "/v1/status").body["audit"]["ok"], true);
  EXPECT_EQ(ask("GET", "/-/ready").status, 200);
  EXPECT_EQ(count("SELECT count(*) FROM meta WHERE key = 'audit_checkpoint'"), 1);
}

TEST_F(Monitored, DamageMakesTheDaemonNotReadyUntilACheckFindsNone) {
  registry->db.execute("UPDATE attempts SET epoch = epoch + 1");
  monitor->begin(/*asked=*/false);
  run_to_end();
  EXPECT_EQ(ask("GET", "/-/ready").status, 503);
  const json bad = ask("GET", "/v1/status").body["audit"];
  EXPECT_EQ(bad["ok"], false);
  EXPECT_EQ(bad["first_bad"]["table"], "attempts");
  EXPECT_EQ(count("SELECT count(*) FROM meta WHERE key = 'audit_checkpoint'"), 0);
  monitor->begin(/*asked=*/false);
  EXPECT_EQ(ask("GET", "/-/ready").status, 503) << "known until the check has ended";
  registry->db.execute("UPDATE attempts SET epoch = epoch - 1");
  run_to_end();
  EXPECT_EQ(ask("GET", "/-/ready").status, 200);
}

TEST_F(Monitored, ABrokenTailIsKnownAtStart) {
  registry->db.execute("DROP TRIGGER events_no_update");
  registry->db.execute("UPDATE events SET actor = 'nobody' WHERE seq = 2");
  begin();
  EXPECT_EQ(ask("GET", "/-/ready").status, 503);
  EXPECT_THAT(ask("GET", "/-/ready").body["error"]["message"].get<std::string>(),
              HasSubstr("event 2"));
}

TEST_F(Monitored, AnEditedExampleIsNamed) {
  play_training("weights of g1");
  play_certification(200);
  registry->db.execute("DROP TRIGGER certified_examples_no_update");
  const std::int64_t index =
      count("SELECT idx FROM certified_examples ORDER BY idx LIMIT 1 OFFSET 7");
  registry->db.execute("UPDATE certified_examples SET radius = radius * 1.5 WHERE idx = ?", index);
  monitor->begin(/*asked=*/false);
  run_to_end();
  const json bad = monitor->view()["first_bad"];
  EXPECT_EQ(bad["table"], "certified_examples");
  EXPECT_THAT(bad["message"].get<std::string>(), HasSubstr("example " + std::to_string(index)));
}

TEST_F(Monitored, APersonsCheckIsNotStartedAnewByAnother) {
  monitor->begin(/*asked=*/false);
  monitor->step();
  ask("POST", "/v1/audit/verify");
  EXPECT_EQ(monitor->view()["progress"]["events"], 0) << "it must see what was there when asked";
  while (monitor->view()["progress"]["events"] == 0) monitor->step();
  ask("POST", "/v1/audit/verify");
  EXPECT_NE(monitor->view()["progress"]["events"], 0);
}

TEST_F(Monitored, TheHeadIsTheLastEventAndSignedWhereThereIsAKey) {
  const json head = ask("GET", "/v1/audit/head").body;
  EXPECT_EQ(head["hash"], registry->audit.head().hash.hex());
  EXPECT_TRUE(head["envelope"].is_null());
  const auto key = base::SigningKey::generate();
  api->signing_key = &key;
  const json with_key = ask("GET", "/v1/audit/head").body;
  EXPECT_EQ(with_key["envelope"]["signatures"][0]["keyid"], key.public_key().id());
}

}  // namespace
}  // namespace heirloom::daemon
