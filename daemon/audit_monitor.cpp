#include "daemon/audit_monitor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace heirloom::daemon {

using nlohmann::json;

AuditMonitor::AuditMonitor(registry::Registry& registry, std::filesystem::path copy,
                           std::function<void()> wake)
    : registry_(registry), copy_(std::move(copy)), wake_(std::move(wake)) {
  last_.problem = registry_.audit.check_tail();
  const registry::Head head = registry_.audit.head();
  last_.events = head.seq;
  last_.head = head.hash;
  if (last_.problem) spdlog::error("the audit chain: {}", last_.problem->message);
}

void AuditMonitor::begin(bool asked) {
  const bool keep = check_ && asked_;
  asked_ = asked_ || asked;
  if (!keep) {
    integrity_check_.reset();
    check_.emplace(registry_.db);
    started_at_ = registry_.now();
  }
  wake_();
}

AuditMonitor::Step AuditMonitor::step() {
  if (!check_) return Step::done;
  {
    const registry::Reading reading(registry_.db);
    if (!check_->step()) return Step::more;
  }
  if (check_->report().problem) return finish();
  if (!integrity_check_) {
    auto started = registry::IntegrityCheck::start(registry_.db, copy_);
    if (!started) {
      spdlog::warn("the integrity check was left out: {}", started.error().text());
      integrity_ = "not checked: " + started.error().message;
      return finish();
    }
    integrity_check_ = *std::move(started);
    return Step::more;
  }
  const bool copying = integrity_check_->copying();
  if (!integrity_check_->step()) return copying ? Step::more : Step::wait;
  integrity_ = integrity_check_->result();
  return finish();
}

AuditMonitor::Step AuditMonitor::finish() {
  last_ = check_->report();
  const bool checked = integrity_check_ != nullptr;
  if (!last_.problem && checked && integrity_ != "ok") {
    last_.problem = registry::AuditProblem{0, "", 0, "SQLite: " + integrity_};
  }
  if (last_.problem && last_.problem->table == "certified_examples") {
    if (const auto index = registry_.first_damaged_example(last_.problem->row)) {
      last_.problem->message += fmt::format("; the first that differs is example {}", *index);
    }
  }
  checked_at_ = registry_.now();
  check_.reset();
  integrity_check_.reset();
  asked_ = false;
  if (last_.problem) {
    spdlog::error("audit: {}", last_.problem->message);
    return Step::done;
  }
  spdlog::info("audit: {} events cover {} rows, intact; head {}", last_.events, last_.rows,
               last_.head.hex());
  registry::Transaction transaction(registry_.db);
  registry_.audit.set_checkpoint(transaction, last_.events, last_.head);
  transaction.commit();
  return Step::done;
}

std::optional<base::Error> AuditMonitor::problem() const {
  if (!last_.problem) return std::nullopt;
  return base::Error{
      base::ErrorKind::tampered,
      fmt::format("the registry is not what its audit chain recorded: {}", last_.problem->message),
      "keep a copy of the registry as it is, restore one from before, and check it "
      "with `heirloom audit verify`"};
}

json AuditMonitor::view() const {
  json out = {{"state", check_                ? "running"
                        : checked_at_.empty() ? "unchecked"
                                              : "done"},
              {"ok", nullptr},
              {"events", last_.events},
              {"rows", last_.rows},
              {"head", last_.head.hex()},
              {"integrity", integrity_.empty() ? json(nullptr) : json(integrity_)},
              {"checked_at", checked_at_.empty() ? json(nullptr) : json(checked_at_)},
              {"progress", nullptr}};
  if (last_.problem) {
    out["ok"] = false;
    out["first_bad"] = {{"seq", last_.problem->seq},
                        {"table", last_.problem->table},
                        {"row", last_.problem->row},
                        {"message", last_.problem->message}};
  } else if (!checked_at_.empty()) {
    out["ok"] = true;
  }
  if (check_) {
    out["progress"] = {{"events", check_->report().events},
                       {"of", registry_.audit.head().seq},
                       {"rows", check_->report().rows},
                       {"since", started_at_}};
  }
  return out;
}

}  // namespace heirloom::daemon
