#include "config/inbox_yaml.h"

#include <gtest/gtest.h>

#include "tests/config/corpus.h"

namespace heirloom::config {
namespace {

InboxRequest read_good(const std::string& name) {
  const auto request =
      inbox_from_yaml(slurp(std::filesystem::path(HEIRLOOM_CONFIG_DATA) / "inbox" / name), name);
  EXPECT_TRUE(request.has_value()) << (request.has_value() ? "" : request.error().text());
  return request.value_or(InboxRequest{});
}

TEST(Inbox, ReadsAVersion) {
  const auto version = std::get<InboxVersion>(read_good("version.good.yaml"));
  EXPECT_EQ(version.model, "digits");
  EXPECT_EQ(version.name, "lenet-1");
  EXPECT_EQ(version.arch, (jobs::ArchSpec{"resnet", {{"depth", "8"}, {"width", "16"}}}));
}

TEST(Inbox, ReadsAVersionThatIsATorchScriptModule) {
  const auto version = std::get<InboxVersion>(read_good("torchscript.good.yaml"));
  EXPECT_EQ(version.arch, (jobs::ArchSpec{"torchscript", {{"frozen_norm", "true"}}}));
  EXPECT_EQ(version.file, "/m.pt");
  EXPECT_EQ(version.sha256.at("/m.pt").hex(), std::string(64, 'a'));
}

TEST(Inbox, ReadsTheWeightsOfAVersion) {
  const auto version = std::get<InboxVersion>(read_good("version_weights.good.yaml"));
  EXPECT_EQ(version.file, "/weights/w.safetensors");
  EXPECT_EQ(version.sha256.at("/weights/w.safetensors").hex(), std::string(64, 'a'));
  EXPECT_TRUE(std::get<InboxVersion>(read_good("version.good.yaml")).file.empty());
}

TEST(Inbox, ReadsTheSignatureOfAFile) {
  EXPECT_EQ(std::get<InboxVersion>(read_good("version_signed.good.yaml")).signature, "/m.pt.sig");
  EXPECT_TRUE(std::get<InboxVersion>(read_good("torchscript.good.yaml")).signature.empty());
}

TEST(Inbox, ReadsASnapshotOfFiles) {
  const auto snapshot = std::get<InboxSnapshot>(read_good("snapshot.good.yaml"));
  EXPECT_EQ(snapshot.model, "digits");
  EXPECT_EQ(snapshot.name, "day-1");
  EXPECT_EQ(snapshot.train,
            (jobs::DataSource{jobs::DataFormat::idx, {"/d/images.gz", "/d/labels.gz"}}));
  EXPECT_TRUE(snapshot.has_holdout);
  EXPECT_EQ(snapshot.holdout, (jobs::DataSource{jobs::DataFormat::idx, {"/d/holdout"}}));
  EXPECT_EQ(snapshot.sha256.size(), 2u);
  EXPECT_EQ(snapshot.sha256.at("/d/labels.gz").hex(), std::string(64, 'a'));
}

TEST(Inbox, ReadsASnapshotOfGlyphs) {
  const auto snapshot = std::get<InboxSnapshot>(read_good("glyphs.good.yaml"));
  EXPECT_EQ(snapshot.train, (jobs::DataSource{jobs::DataFormat::glyphs, {"7:6000"}}));
  EXPECT_EQ(snapshot.holdout, (jobs::DataSource{jobs::DataFormat::glyphs, {"8:1000"}}));
  EXPECT_TRUE(snapshot.sha256.empty());
}

TEST(Inbox, ReadsASnapshotOfCifarFiles) {
  const auto snapshot = std::get<InboxSnapshot>(read_good("cifar.good.yaml"));
  EXPECT_EQ(snapshot.train,
            (jobs::DataSource{jobs::DataFormat::cifar,
                              {"/d/data_batch_1.bin", "/d/data_batch_2.bin", "/d/more.bin"}}));
  EXPECT_EQ(snapshot.holdout, (jobs::DataSource{jobs::DataFormat::cifar, {"/d/test_batch.bin"}}));
  EXPECT_EQ(snapshot.sha256.size(), 4u);
}

TEST(Inbox, ReadsASnapshotOfPictureFoldersWithTheHashesOfTheirManifests) {
  const auto snapshot = std::get<InboxSnapshot>(read_good("folder.good.yaml"));
  EXPECT_EQ(snapshot.train, (jobs::DataSource{jobs::DataFormat::folder, {"/d/pets/train"}}));
  EXPECT_EQ(snapshot.holdout, (jobs::DataSource{jobs::DataFormat::folder, {"/d/pets/test"}}));
  EXPECT_EQ(snapshot.sha256.at("/d/pets/test").hex(), std::string(64, 'a'));
}

TEST(Inbox, LeavesOutTheHoldoutWhereThereIsNone) {
  const auto request = inbox_from_yaml(
      "kind: snapshot\nmodel: m\nname: day-1\nformat: glyphs\ntrain: 7:6000\n", "f");
  ASSERT_TRUE(request.has_value()) << request.error().text();
  EXPECT_FALSE(std::get<InboxSnapshot>(*request).has_holdout);
}

}  // namespace
}  // namespace heirloom::config
