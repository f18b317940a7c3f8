// Answers of the daemon as docs/api.md has them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include "cli/json.h"
#include "cli/render/style.h"
#include "cli/render/text.h"

namespace heirloom::cli::test {

inline Style wide() {
  return {120, false, true};
}
inline Style narrow() {
  return {60, false, true};
}
inline Style ascii() {
  return {120, false, false};
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

inline std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (const std::string& line : lines_of(text)) widest = std::max(widest, display_width(line));
  return widest;
}

// The first line that contains `word`; empty when none does.
inline std::string line_with(const std::string& text, const std::string& word) {
  for (const std::string& line : lines_of(text)) {
    if (line.find(word) != std::string::npos) return line;
  }
  return "";
}

inline Json generation_sample() {
  return Json::parse(R"({
    "id": "g2", "state": "promoted", "verdict": "promoted", "reason": "every gate holds",
    "kind": "transfer", "teacher": "g1", "version": "resnet8", "arch": "resnet", "snapshot": "s1",
    "holdout": "ab12cd34ef560000", "policy_version": 1, "model_sha256": "0123456789abcdef",
    "created_at": "2026-11-24T09:30:00.000Z", "attempts": 1,
    "seconds": {"train": 31.2, "certify": 125.0}, "samples": 600000,
    "metrics": {"acr": 0.6123, "clean_accuracy": 0.98, "abstain_rate": 0.004,
                "certified_accuracy": {"0.00": 0.98, "0.25": 0.97, "0.50": 0.934, "1.00": 0.6}},
    "jobs": [{"kind": "transfer", "attempt": 1, "state": "done", "started_from": 0,
              "exit": "exit 0", "error": null, "started_at": "2026-11-24T09:30:00.000Z",
              "ended_at": "2026-11-24T09:31:00.000Z"}],
    "gates": [
      {"name": "certified_accuracy", "text": "certified_accuracy at 0.50 at least 0.90",
       "comparison": "at_least", "baseline": "absolute", "value": 0.9, "radius": 0.5, "observed": 0.934,
       "bound": 0.912, "threshold": 0.9, "threshold_id": 3, "pass": true, "dry_run": false,
       "applicable": true, "count": 934, "examples": 1000, "note": ""},
      {"name": "certified_accuracy", "text": "certified_accuracy at 1.00 at least champion - 0.02",
       "comparison": "at_least", "baseline": "champion", "value": 0.02, "radius": 1.0,
       "observed": 0.6, "bound": 0.571, "threshold": 0.615, "threshold_id": 4, "pass": false,
       "dry_run": false, "applicable": true, "count": 600, "examples": 1000, "note": ""},
      {"name": "acr", "text": "acr at least root - 0.03",
       "comparison": "at_least", "baseline": "root", "value": 0.03, "radius": 0, "observed": 0.6123, "bound": 0.59,
       "threshold": 0, "threshold_id": 5, "pass": false, "dry_run": false, "applicable": false,
       "count": 0, "examples": 1000, "note": "there is no root yet"},
      {"name": "abstain_rate", "text": "abstain_rate at most 0.05",
       "comparison": "at_most", "baseline": "absolute", "value": 0.05, "radius": 0, "observed": 0.004, "bound": 0.01,
       "threshold": 0.05, "threshold_id": 6, "pass": true, "dry_run": true, "applicable": true,
       "count": 4, "examples": 1000, "note": ""}]})");
}

// A generation that has only been queued.
inline Json queued_sample() {
  return Json::parse(R"({
    "id": "g3", "state": "queued", "verdict": null, "reason": null, "kind": null, "teacher": null,
    "version": "linear", "arch": "linear", "snapshot": "s1", "holdout": null, "policy_version": 1,
    "model_sha256": null, "created_at": "2026-11-24T09:40:00.000Z", "attempts": 0,
    "seconds": {"train": null, "certify": null}, "samples": null, "metrics": null, "jobs": [],
    "gates": []})");
}

inline Json status_sample() {
  return Json::parse(R"({
    "version": "0.1.0", "git_revision": "abc1234", "epoch": 3,
    "started_at": "2026-11-24T09:00:00.000Z",
    "models": [{
      "name": "digits", "input": [1, 28, 28], "classes": 10, "sigma": 0.5, "policy_version": 1,
      "champion": {"generation": "g1", "since": "2026-11-24T09:30:00.000Z",
                   "model_sha256": "0123456789abcdef0123"},
      "running": {"generation": "g2", "state": "training", "attempt": 1, "stage": "train",
                  "position": 120, "total": 500, "rate": 812.4, "loss": 0.41,
                  "eta_seconds": 12.5},
      "queue": ["g3", "g4"], "waiting_for_data": [],
      "registrations": [{"id": 7, "kind": "version", "name": "resnet8", "state": "inspecting"}],
      "last_verdict": {"generation": "g1", "verdict": "promoted",
                       "reason": "every gate holds; the closest was certified_accuracy at 0.50",
                       "at": "2026-11-24T09:30:00.000Z"},
      "holdout": {"id": "ab12", "examples": 1000, "candidates_used": 1, "candidates": 20,
                  "promotions_used": 1, "promotions": 3, "next_level": 0.00017}}]})");
}

// The same with nothing left to do, and `verdict` as the last word.
inline Json idle_status(const std::string& verdict) {
  Json status = status_sample();
  Json& model = status["models"][0];
  model["running"] = nullptr;
  model["queue"] = Json::array();
  model["registrations"] = Json::array();
  model["last_verdict"]["verdict"] = verdict;
  return status;
}

inline Json registration_sample(const std::string& state) {
  Json registration = {{"id", 7},
                       {"kind", "version"},
                       {"model", "digits"},
                       {"name", "r8"},
                       {"state", state},
                       {"error", nullptr},
                       {"actor", "uid:1000"},
                       {"at", "2026-11-24T09:30:00.000Z"}};
  if (state == "refused") {
    registration["error"] = {
        {"kind", "usage"}, {"message", "depth must be 6n+2, not 9"}, {"hint", "8, 14, 20, ..."}};
  }
  return registration;
}

}  // namespace heirloom::cli::test
