// Ed25519 signatures (OpenSSL). Keys are PEM files: `openssl genpkey -algorithm ed25519 -out KEY`
// makes one, `openssl pkey -in KEY -pubout` its public half.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace heirloom::base {

// The public half. Copies share the key; never changed.
class VerifyKey {
 public:
  static Result<VerifyKey> from_pem(std::string_view pem);  // error: bad_data
  std::string to_pem() const;
  // SHA-256 of the key in SubjectPublicKeyInfo form, in hex: names it in envelopes.
  std::string id() const;
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  friend class SigningKey;
  struct State;
  explicit VerifyKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// The secret half, which signs.
class SigningKey {
 public:
  static Result<SigningKey> from_pem(std::string_view pem);
  static SigningKey generate();
  std::string to_pem() const;
  std::string sign(std::string_view message) const;  // 64 bytes
  VerifyKey public_key() const;

 private:
  explicit SigningKey(std::shared_ptr<const VerifyKey::State> state) : state_(std::move(state)) {}
  std::shared_ptr<const VerifyKey::State> state_;
};

}  // namespace heirloom::base
