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
  EXPECT_EQ(settings->signing_key, "/etc/heirloom/signing.pem");
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
  EXPECT_EQ(settings->signing_key, plain.signing_key);
}

}  // namespace
}  // namespace heirloom::config
