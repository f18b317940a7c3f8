// The commands, one file each in commands/. Each function adds its command to `parent`; when the
// user asked for it, parsing leaves what is to be run in `chosen`.
#pragma once

#include "cli/options.h"

namespace heirloom::cli {

// heirloom ...
void add_status(CLI::App& parent, Command& chosen);
void add_register(CLI::App& parent, Command& chosen);
void add_sign(CLI::App& parent, Command& chosen);
void add_architectures(CLI::App& parent, Command& chosen);
void add_lineage(CLI::App& parent, Command& chosen);
void add_history(CLI::App& parent, Command& chosen);
void add_champion(CLI::App& parent, Command& chosen);
void add_predict(CLI::App& parent, Command& chosen);
void add_decisions(CLI::App& parent, Command& chosen);  // approve, reject, retry, bar
void add_rollback(CLI::App& parent, Command& chosen);
void add_gc(CLI::App& parent, Command& chosen);
void add_control(CLI::App& parent, Command& chosen);  // pause, resume, reload
void add_verify(CLI::App& parent, Command& chosen);
void add_export(CLI::App& parent, Command& chosen);

// A policy version as the daemon has it; 0: the current one.
base::Result<Json> get_policy(const Context& context, const std::string& model,
                              std::int64_t version);

// heirloom policy ..., holdout ..., data ..., drift ..., generation ..., audit ..., certificate ...
void add_policy_check(CLI::App& parent, Command& chosen);
void add_policy_apply(CLI::App& parent, Command& chosen);
void add_policy_show(CLI::App& parent, Command& chosen);
void add_policy_diff(CLI::App& parent, Command& chosen);
void add_policy_explain(CLI::App& parent, Command& chosen);
void add_holdout_budget(CLI::App& parent, Command& chosen);
void add_data_add(CLI::App& parent, Command& chosen);
void add_drift(CLI::App& parent, Command& chosen);  // list, show, acknowledge
void add_generation_list(CLI::App& parent, Command& chosen);
void add_generation_show(CLI::App& parent, Command& chosen);
void add_audit_log(CLI::App& parent, Command& chosen);
void add_audit_head(CLI::App& parent, Command& chosen);
void add_audit_verify(CLI::App& parent, Command& chosen);
void add_certificate_summary(CLI::App& parent, Command& chosen);
void add_certificate_export(CLI::App& parent, Command& chosen);
void add_certificate_import(CLI::App& parent, Command& chosen);

}  // namespace heirloom::cli
