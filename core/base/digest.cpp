#include "core/base/digest.h"

#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

namespace heirloom::base {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_u64(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

// OpenSSL's digest calls fail only when it is out of memory or misused: no caller can act on that.
void require(bool ok) {
  if (!ok) std::abort();
}

}  // namespace

std::string Digest::hex() const {
  std::string out;
  out.reserve(64);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kHexDigits[byte >> 4]);
    out.push_back(kHexDigits[byte & 15]);
  }
  return out;
}

Result<Digest> Digest::from_hex(std::string_view text) {
  Digest out;
  if (text.size() != 64) {
    return fail(ErrorKind::usage, "a SHA-256 is 64 hexadecimal digits, got " +
                                      std::to_string(text.size()) + " characters");
  }
  for (std::size_t i = 0; i < 64; ++i) {
    const std::size_t digit = kHexDigits.find(text[i]);
    if (digit == std::string_view::npos) {
      return fail(ErrorKind::usage, "a SHA-256 is 64 lower-case hexadecimal digits");
    }
    out.bytes[i / 2] = static_cast<std::uint8_t>((out.bytes[i / 2] << 4) | digit);
  }
  return out;
}

struct Sha256::State {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

void Sha256::update(std::string_view bytes) {
  update(std::as_bytes(std::span(bytes)));
}

Digest Sha256::finish() {
  Digest out;
  unsigned int length = 0;
  require(EVP_DigestFinal_ex(state_->context.get(), out.bytes.data(), &length) == 1 &&
          length == out.bytes.size());
  return out;
}

Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

Digest hmac_sha256(const Digest& key, std::string_view message) {
  Digest out;
  unsigned int length = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(message.data());
  require(HMAC(EVP_sha256(), key.bytes.data(), static_cast<int>(key.bytes.size()), data,
               message.size(), out.bytes.data(), &length) != nullptr &&
          length == out.bytes.size());
  return out;
}

Digest random_digest() {
  Digest out;
  std::size_t filled = 0;
  while (filled < out.bytes.size()) {
    const ssize_t got = ::getrandom(out.bytes.data() + filled, out.bytes.size() - filled, 0);
    if (got > 0) {
      filled += static_cast<std::size_t>(got);
    } else {
      require(errno == EINTR);
    }
  }
  return out;
}

FieldEncoder& FieldEncoder::text(std::string_view value) {
  append_u64(out_, value.size());
  out_.append(value);
  return *this;
}

FieldEncoder& FieldEncoder::bytes(std::span<const std::byte> value) {
  append_u64(out_, value.size());
  out_.append(reinterpret_cast<const char*>(value.data()), value.size());
  return *this;
}

FieldEncoder& FieldEncoder::digest(const Digest& value) {
  return bytes(std::as_bytes(std::span(value.bytes)));
}

FieldEncoder& FieldEncoder::integer(std::int64_t value) {
  append_u64(out_, 8);
  append_u64(out_, static_cast<std::uint64_t>(value));
  return *this;
}

FieldEncoder& FieldEncoder::real(double value) {
  append_u64(out_, 8);
  append_u64(out_, std::bit_cast<std::uint64_t>(value));
  return *this;
}

FieldEncoder& FieldEncoder::null() {
  append_u64(out_, std::numeric_limits<std::uint64_t>::max());
  return *this;
}

}  // namespace heirloom::base
