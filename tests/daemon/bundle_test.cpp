// Evidence that leaves the registry: whole it verifies, changed anywhere it does not.
#include <functional>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "bundle/bundle_files.h"
#include "bundle/promotion.h"
#include "bundle/verify.h"
#include "daemon/bundling.h"
#include "daemon/champions.h"
#include "daemon/pipeline/reproducing.h"
#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using base::SigningKey;
using bundle::Bundle;
using registry::State;
using testing::HasSubstr;

class Bundled : public PipelineHarness {
 protected:
  // g1 is promoted; g2 is taught by it and judged against it.
  void SetUp() override {
    bring_to_training();
    play_training("weights of g1");
    play_certification(200);
    ask_version("v2");
    play_version();
    play_training("weights of g2");
    play_certification(198);
    ASSERT_EQ(generation(2).state, State::promoted);
  }

  Bundle bundle_of_g(int number, const SigningKey* key = nullptr) {
    auto made = bundle_of(*registry, generation(number), key);
    if (!made) throw std::runtime_error(made.error().text());
    return *std::move(made);
  }

  // The first row of a table in the bundle, to be edited.
  static audit::Row& row(Bundle& bundle, const std::string& table) {
    for (bundle::BundleEvent& event : bundle.events) {
      for (bundle::Range& range : event.ranges) {
        if (range.recorded.range.table == table && range.rows) return range.rows->at(0);
      }
    }
    throw std::runtime_error("no row of " + table);
  }
  // Makes the chain fit rows that were edited, as a forger would who has no head to meet.
  static void reforge(Bundle& bundle) {
    bundle.links.clear();
    bundle.head_seq = 0;
    const bundle::BundleEvent* before = nullptr;
    for (bundle::BundleEvent& event : bundle.events) {
      if (before != nullptr && before->event.seq + 1 == event.event.seq) {
        event.previous = before->event.hash;
      }
      before = &event;
      std::vector<audit::RecordedRange> ranges;
      for (bundle::Range& range : event.ranges) {
        if (range.rows) {
          range.recorded.digest = audit::digest_of_rows(range.recorded.range.table, *range.rows);
        }
        ranges.push_back(range.recorded);
      }
      event.event.hash =
          audit::chain_hash(event.previous, event.event, audit::digest_of_ranges(ranges));
    }
  }
};

TEST_F(Bundled, EveryVerdictFollowsFromItsBundle) {
  for (const int number : {1, 2}) {
    const auto found = bundle::verify(bundle_of_g(number));
    EXPECT_FALSE(found.difference.has_value()) << *found.difference;
    EXPECT_EQ(found.verdict, "promoted");
  }
}

TEST_F(Bundled, ARejectionAndAPersonsReservationFollowToo) {
  ask_version("weak");
  play_version();
  play_training("weights of g3");
  play_certification(60);
  ASSERT_EQ(generation(3).state, State::rejected);
  ask_version("v4");
  play_version();
  play_training("weights of g4");
  ASSERT_TRUE(roll_back(*registry, "digits", {1, {}, true, "fails"}, "uid:7").has_value());
  play_certification(200);
  ASSERT_EQ(generation(4).state, State::held) << "its teacher was barred";
  for (const int number : {2, 3, 4}) {
    const auto found = bundle::verify(bundle_of_g(number));
    EXPECT_FALSE(found.difference.has_value()) << number << ": " << *found.difference;
  }
}

TEST_F(Bundled, SurvivesAFolderAndATarFile) {
  bundle::BundleFiles files{bundle_of_g(2), "weights of g2"};
  const auto out = folder / "evidence";
  ASSERT_TRUE(bundle::write_bundle(out, files).has_value());
  EXPECT_FALSE(bundle::write_bundle(out, files).has_value()) << "it is not empty";
  const auto tar = folder / "evidence.tar";
  ASSERT_EQ(
      std::system(
          ("tar -C '" + folder.path().native() + "' -cf '" + tar.native() + "' evidence").c_str()),
      0);
  for (const auto& path : {out, tar}) {
    const auto read = bundle::read_bundle(path);
    ASSERT_TRUE(read.has_value()) << read.error().text();
    const auto found = bundle::verify(read->bundle);
    EXPECT_FALSE(found.difference.has_value()) << *found.difference;
    EXPECT_EQ(read->model, "weights of g2");
    EXPECT_EQ(bundle::certified_model(read->bundle), base::sha256("weights of g2"));
  }
}

TEST_F(Bundled, AnyRowThatWasEditedIsNoticed) {
  const Bundle whole = bundle_of_g(2);
  for (const std::string table :
       {"models", "policies", "thresholds", "certify_options", "versions", "snapshots", "holdouts",
        "generations", "commitments", "certificates", "certified_examples", "verdicts", "gates",
        "champions"}) {
    Bundle edited = whole;
    row(edited, table).back() = std::string("edited");
    const auto found = bundle::verify(edited);
    ASSERT_TRUE(found.difference.has_value()) << table;
    EXPECT_THAT(*found.difference, HasSubstr(table));
  }
}

TEST_F(Bundled, EventsThatWereEditedLeftOutOrReorderedAreNoticed) {
  const Bundle whole = bundle_of_g(2);
  const std::vector<std::function<void(Bundle&)>> edits = {
      [](Bundle& b) { b.events[1].event.actor = "uid:9"; },
      [](Bundle& b) { b.links[2].event.payload = "{}"; },
      [](Bundle& b) { b.links.erase(b.links.begin() + 1); },
      [](Bundle& b) { std::swap(b.links[1], b.links[2]); },
      [](Bundle& b) { b.links.pop_back(); },
      [](Bundle& b) { b.head = base::sha256("another"); },
      [](Bundle& b) { b.events.clear(); },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    Bundle edited = whole;
    edits[i](edited);
    EXPECT_TRUE(bundle::verify(edited).difference.has_value()) << i;
  }
}

// Columns by their place in core/audit/covered_tables.cpp.
TEST_F(Bundled, AForgerOfTheWholeChainMeetsTheCounts) {
  struct Edit {
    std::string table;
    std::size_t column;
    audit::Value value;
    std::string named;
  };
  const std::vector<Edit> edits = {
      {"certified_examples", 5, 0.999, ": p_lower is"},
      {"certified_examples", 6, 9.0, ": radius is"},
      {"thresholds", 7, 0.1, "threshold 1"},
      {"verdicts", 3, std::string("promoted: because"), "the reason"},
      {"verdicts", 8, 0.04, "the verdict's level"},
      {"commitments", 12, 0.04, "level committed to"},
      {"gates", 9, 0.1, "gate 1"},
  };
  for (const Edit& edit : edits) {
    Bundle forged = bundle_of_g(1);
    row(forged, edit.table).at(edit.column) = edit.value;
    reforge(forged);
    const auto found = bundle::verify(forged);
    ASSERT_TRUE(found.difference.has_value()) << edit.table << edit.column;
    EXPECT_THAT(*found.difference, HasSubstr(edit.named));
  }
  Bundle forged = bundle_of_g(1);
  for (auto& [hex, bytes] : forged.artifacts) bytes.replace(bytes.find("200"), 3, "199");
  EXPECT_THAT(bundle::verify(forged).difference.value_or(""), HasSubstr("hash of its counts"));
}

TEST_F(Bundled, TheHeadIsSignedByTheKeyOfTheSettings) {
  const SigningKey key = SigningKey::generate();
  const Bundle whole = bundle_of_g(2, &key);
  EXPECT_FALSE(bundle::verify(whole, key.public_key()).difference.has_value());
  EXPECT_TRUE(bundle::verify(whole, SigningKey::generate().public_key()).difference.has_value());
  EXPECT_TRUE(bundle::verify(bundle_of_g(2), key.public_key()).difference.has_value());
}

TEST_F(Bundled, ABrokenFileIsAnErrorThatSaysSo) {
  EXPECT_FALSE(bundle::from_json("{}", "f").has_value());
  EXPECT_FALSE(bundle::from_json("", "f").has_value());
  const std::string text = bundle::to_json(bundle_of_g(1));
  EXPECT_EQ(bundle::to_json(bundle::from_json(text, "f").value()), text);
  for (const char* field : {"\"model\"", "\"events\"", "\"links\"", "\"head\"", "\"hash\""}) {
    std::string broken = text;
    broken.replace(broken.find(field), 2, "\"_");
    EXPECT_FALSE(bundle::from_json(broken, "f").has_value()) << field;
  }
}

TEST_F(Bundled, APromotionIsSignedIntoTheChampionsFolder) {
  const SigningKey key = SigningKey::generate();
  const auto link = folder.path() / "models/digits/champion";
  EXPECT_FALSE(bundle::is_promotion(link)) << "there is no key";
  start();  // the folder is refreshed by the first step of a life
  pipeline->sign_with(&key);
  ASSERT_TRUE(roll_back(*registry, "digits", {1, {}, true, "fails"}, "uid:7").has_value());
  pipeline->step();
  const auto found = bundle::verify_promotion(link, key.public_key());
  EXPECT_FALSE(found.difference.has_value()) << *found.difference;
  EXPECT_EQ(found.generation, "g1");
  EXPECT_EQ(found.checks.size(), 6U) << "the signature and five files";
  EXPECT_TRUE(
      bundle::verify_promotion(link, SigningKey::generate().public_key()).difference.has_value());
  fakes::write_file(link / "model.pt", "weights of g0");
  EXPECT_THAT(bundle::verify_promotion(link, key.public_key()).difference.value_or(""),
              HasSubstr("model.pt"));
}

TEST_F(Bundled, AReproductionComparesTheCountsAndChangesNoVerdict) {
  const auto state_of = [&](std::int64_t job) {
    const auto event = registry->audit.event_of_job("certificate.reproduced", "digits", 2, job);
    if (!event) return std::string();
    return nlohmann::json::parse(event->payload)["state"].get<std::string>();
  };
  const std::int64_t same = open_reproduction(*registry, generation(2), "uid:7").value();
  EXPECT_EQ(open_reproduction(*registry, generation(2), "uid:7"), same) << "it is open already";
  pipeline->step();
  play_certification(198);
  EXPECT_EQ(state_of(same), "same");
  const std::int64_t other = open_reproduction(*registry, generation(2), "uid:7").value();
  pipeline->step();
  play_certification(197);
  EXPECT_EQ(state_of(other), "different");
  const std::int64_t lost = open_reproduction(*registry, generation(2), "uid:7").value();
  pipeline->step();
  runner->refuse(runner->only_job(), {base::ErrorKind::bad_data, "the holdout is gone", ""});
  EXPECT_EQ(state_of(lost), "failed");
  EXPECT_EQ(generation(2).state, State::promoted);
  EXPECT_EQ(champion(), "g2");
  expect_intact_chain();
}

}  // namespace
}  // namespace heirloom::daemon
