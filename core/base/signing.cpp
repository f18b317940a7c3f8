#include "core/base/signing.h"

#include <cstdlib>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/base/digest.h"

namespace heirloom::base {
namespace {

// As in digest.cpp: what can fail only without memory ends the process.
void require(bool ok) {
  if (!ok) std::abort();
}

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;
using Bio = std::unique_ptr<BIO, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Bio reader_of(std::string_view pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  require(bio != nullptr);
  return bio;
}

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// A key without a password; nothing is ever asked for on the terminal.
int no_password(char*, int, int, void*) {
  return 0;
}

Result<Key> ed25519(Key key, std::string_view half) {
  if (key != nullptr && EVP_PKEY_id(key.get()) == EVP_PKEY_ED25519) return key;
  return fail(ErrorKind::bad_data, "this is no " + std::string(half) + " Ed25519 key in PEM form",
              half == "public" ? "openssl pkey -in SECRET -pubout -out PUBLIC writes it"
                               : "openssl genpkey -algorithm ed25519 makes one");
}

}  // namespace

struct VerifyKey::State {
  Key key;
};

Result<VerifyKey> VerifyKey::from_pem(std::string_view pem) {
  const Bio bio = reader_of(pem);
  HEIRLOOM_ASSIGN(
      Key key,
      ed25519(Key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr)), "public"));
  return VerifyKey(std::make_shared<const State>(State{std::move(key)}));
}

std::string VerifyKey::to_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(bio != nullptr && PEM_write_bio_PUBKEY(bio.get(), state_->key.get()) == 1);
  return text_of(bio);
}

std::string VerifyKey::id() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(state_->key.get(), &der);
  require(size > 0);
  const Digest digest =
      sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return digest.hex();
}

bool VerifyKey::verify(std::string_view message, std::string_view signature) const {
  const Context context(EVP_MD_CTX_new());
  require(context != nullptr &&
          EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1);
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                          message.size()) == 1;
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  const Bio bio = reader_of(pem);
  HEIRLOOM_ASSIGN(
      Key key,
      ed25519(Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr)), "secret"));
  return SigningKey(std::make_shared<const VerifyKey::State>(VerifyKey::State{std::move(key)}));
}

SigningKey SigningKey::generate() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  require(key != nullptr);
  return SigningKey(std::make_shared<const VerifyKey::State>(VerifyKey::State{std::move(key)}));
}

std::string SigningKey::to_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(bio != nullptr && PEM_write_bio_PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr,
                                                     0, nullptr, nullptr) == 1);
  return text_of(bio);
}

std::string SigningKey::sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new());
  require(context != nullptr &&
          EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1);
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                         bytes_of(message), message.size()) == 1);
  signature.resize(size);
  return signature;
}

VerifyKey SigningKey::public_key() const {
  return VerifyKey(state_);
}

}  // namespace heirloom::base
