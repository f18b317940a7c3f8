#include "config/settings.h"

#include <gtest/gtest.h>

#include "tests/config/corpus.h"

namespace heirloom::config {
namespace {

using namespace std::chrono_literals;

TEST(Settings, ReadEveryKeyToItsPlace) {
  const auto path =
      std::filesystem::path(HEIRLOOM_CONFIG_DATA) / "settings" / "every_key.good.yaml";
  const auto settings = settings_from_yaml(slurp(path), "f");
  ASSERT_TRUE(settings.has_value()) << settings.error().text();
  EXPECT_EQ(settings->max_jobs, 4);
  EXPECT_EQ(settings->threads, 2);
  EXPECT_EQ(settings->device, jobs::Device::cuda);
  EXPECT_EQ(settings->max_attempts, 5);
  EXPECT_EQ(settings->retry_delay, 7s);
  EXPECT_EQ(settings->heartbeat_timeout, 2min);
  EXPECT_EQ(settings->inbox_settle, 50ms);
  EXPECT_EQ(settings->worker, "/usr/libexec/heirloom-worker");
  const sandbox::Limits limits{
      .memory_mib = 2000, .cpu_seconds = 600, .open_files = 256, .file_mib = 100};
  EXPECT_EQ(settings->confinement, (sandbox::Confinement{sandbox::Mode::required, limits}));
  EXPECT_EQ(settings->signing_key, "/etc/heirloom/signing.pem");
  EXPECT_TRUE(settings->registration.signatures_required);
  ASSERT_EQ(settings->registration.keys.size(), 2u);
  EXPECT_EQ(settings->registration.keys[1].path, "/etc/heirloom/spare.pub");
  EXPECT_EQ(settings->registration.keys[1].place, "f:14:37");
}

TEST(Settings, FillInTheDefaultsOfTheStruct) {
  const auto settings = settings_from_yaml("{}", "f");
  ASSERT_TRUE(settings.has_value()) << settings.error().text();
  const Settings plain;
  EXPECT_EQ(settings->max_jobs, plain.max_jobs);
  EXPECT_EQ(settings->threads, plain.threads);
  EXPECT_EQ(settings->device, plain.device);
  EXPECT_EQ(settings->max_attempts, plain.max_attempts);
  EXPECT_EQ(settings->retry_delay, plain.retry_delay);
  EXPECT_EQ(settings->heartbeat_timeout, plain.heartbeat_timeout);
  EXPECT_EQ(settings->inbox_settle, plain.inbox_settle);
  EXPECT_EQ(settings->worker, plain.worker);
  EXPECT_EQ(settings->confinement, plain.confinement);
  EXPECT_EQ(settings->signing_key, plain.signing_key);
  EXPECT_FALSE(settings->registration.signatures_required);
  EXPECT_TRUE(settings->registration.keys.empty());
}

TEST(Settings, OneKeyNeedsNoList) {
  const auto settings = settings_from_yaml("registration: {keys: /k.pub}", "f");
  ASSERT_TRUE(settings.has_value()) << settings.error().text();
  EXPECT_FALSE(settings->registration.signatures_required);
  ASSERT_EQ(settings->registration.keys.size(), 1u);
  EXPECT_EQ(settings->registration.keys[0].path, "/k.pub");
  EXPECT_EQ(settings->registration.keys[0].place, "f:1:22");
}

}  // namespace
}  // namespace heirloom::config
