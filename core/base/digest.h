// SHA-256 and HMAC-SHA256 (OpenSSL), and the length-prefixed encoding that every hash uses.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace heirloom::base {

// Thirty-two bytes: a SHA-256 or a secret key. Ordered bytewise.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  std::string hex() const;                                // 64 lower-case hex digits
  static Result<Digest> from_hex(std::string_view text);  // the same, strictly
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// Incremental SHA-256. Not thread-safe; finish() may be called once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view bytes);
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest sha256(std::string_view bytes);
Digest hmac_sha256(const Digest& key, std::string_view message);

// Bytes from getrandom(2), for secret keys.
Digest random_digest();

// The canonical encoding of a list of fields: each is preceded by its length as u64, little
// endian, so that no two lists encode alike. Everything that is hashed goes through it.
class FieldEncoder {
 public:
  FieldEncoder& text(std::string_view value);
  FieldEncoder& bytes(std::span<const std::byte> value);
  FieldEncoder& digest(const Digest& value);
  FieldEncoder& integer(std::int64_t value);  // 8 bytes, two's complement, little endian
  FieldEncoder& real(double value);           // the IEEE 754 bits, little endian
  FieldEncoder& null();                       // length 2^64 - 1 and no bytes
  const std::string& encoded() const { return out_; }
  Digest sha256() const { return base::sha256(out_); }

 private:
  std::string out_;
};

}  // namespace heirloom::base
