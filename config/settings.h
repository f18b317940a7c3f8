// Settings of the daemon (`heirloomd --config FILE`): limits and timings, all with defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/jobs/model_spec.h"
#include "core/sandbox/confinement.h"

namespace heirloom::config {

// A key file that the settings name, and where they do ("f.yaml:3:11"), for the words of an error.
struct KeyFile {
  std::string path;
  std::string place;
};

// Signatures of the files that versions come with (docs/audit-format.md).
struct RegistrationSettings {
  bool signatures_required = false;
  std::vector<KeyFile> keys;  // public Ed25519 keys (PEM); not empty where they are required
};

struct Settings {
  int max_jobs = 1;                             // worker processes at once, 1..64
  int threads = 0;                              // per worker; 0: as many as there are CPUs
  jobs::Device device = jobs::Device::cpu;      // where workers compute
  int max_attempts = 3;                         // launches of one job before it counts as failed
  std::chrono::seconds retry_delay{2};          // before the second attempt; doubles from there
  std::chrono::seconds heartbeat_timeout{300};  // no event for so long: the worker is killed
  std::chrono::milliseconds inbox_settle{200};  // a dropped file must be still for so long
  std::string worker;                           // path of heirloom-worker; empty: beside heirloomd
  sandbox::Confinement confinement;             // of workers: `sandbox` and `limits`
  std::string signing_key;  // path of a secret Ed25519 key (PEM); empty: nothing is signed
  RegistrationSettings registration;
};

base::Result<Settings> settings_from_yaml(std::string_view text, std::string_view origin);

}  // namespace heirloom::config
