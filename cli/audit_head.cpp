#include "cli/audit_head.h"

#include <fmt/format.h>

#include "cli/options.h"
#include "core/audit/envelope.h"

namespace heirloom::cli {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 20;

// What the head says: the signed text where a key is given, else the fields beside the envelope.
base::Result<Json> read_head(const std::string& head_file, const std::string& key_file) {
  HEIRLOOM_ASSIGN(const std::string text, read_named_file(head_file, kMaxBytes));
  Json head = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!key_file.empty()) {
    HEIRLOOM_ASSIGN(const std::string pem, read_named_file(key_file, kMaxBytes));
    HEIRLOOM_ASSIGN(const auto key, base::VerifyKey::from_pem(pem));
    HEIRLOOM_ASSIGN(const std::string signed_text,
                    audit::open_envelope(key, audit::kHeadType, field(head, "envelope").dump()));
    head = Json::parse(signed_text, nullptr, /*allow_exceptions=*/false);
  }
  if (!integer(head, "seq") || cli::text(head, "hash").empty()) {
    return base::fail(base::ErrorKind::bad_data, head_file + " is no head of an audit chain",
                      "`heirloom audit head --out`");
  }
  return head;
}

}  // namespace

base::Result<void> check_head(const ApiClient& client, const std::string& head_file,
                              const std::string& key_file) {
  HEIRLOOM_ASSIGN(const Json head, read_head(head_file, key_file));
  const std::int64_t seq = *integer(head, "seq");
  if (seq == 0) return {};
  HEIRLOOM_ASSIGN(const Json events,
                  client.get(request_target({"v1", "audit"},
                                            {{"after", std::to_string(seq - 1)}, {"limit", "1"}})));
  const bool held = events.is_array() && !events.empty() && integer(events[0], "seq") == seq &&
                    text(events[0], "hash") == text(head, "hash");
  if (held) return {};
  return base::fail(base::ErrorKind::tampered,
                    fmt::format("the chain does not hold event {} of {}", seq, head_file),
                    "its tail was cut off or it was rewritten since that head was exported");
}

}  // namespace heirloom::cli
