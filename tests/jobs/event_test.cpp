#include "core/jobs/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/jobs/samples.h"

namespace heirloom::jobs {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Event sample_event(Event::Kind kind, Stage stage) {
  return {kind, 2,     "2026-11-24T09:30:00.000Z",         stage, 40,
          100,  812.5, stage == Stage::train ? 0.25 : 0.0, {}};
}

TEST(Event, SurvivesARoundTripInEveryStage) {
  for (const auto kind : {Event::Kind::started, Event::Kind::progress, Event::Kind::finished}) {
    for (const Stage stage : {Stage::inspect, Stage::train, Stage::certify, Stage::attack}) {
      const Event sent = sample_event(kind, stage);
      const auto read = event_from_json_line(to_json_line(sent));
      ASSERT_TRUE(read.has_value()) << read.error().text();
      EXPECT_EQ(read->kind, sent.kind);
      EXPECT_EQ(read->attempt, sent.attempt);
      EXPECT_EQ(read->at, sent.at);
      EXPECT_EQ(read->stage, sent.stage);
      EXPECT_EQ(read->position, sent.position);
      EXPECT_EQ(read->total, sent.total);
      EXPECT_EQ(read->rate, sent.rate);
      EXPECT_EQ(read->loss, sent.loss);
    }
  }
}

TEST(Event, CarriesTheDistanceOfATransfer) {
  Event sent = sample_event(Event::Kind::progress, Stage::train);
  EXPECT_EQ(event_from_json_line(to_json_line(sent))->distance, std::nullopt);
  sent.distance = 0.75;
  EXPECT_EQ(event_from_json_line(to_json_line(sent))->distance, 0.75);
}

TEST(Event, IsOneLine) {
  Event event = sample_event(Event::Kind::progress, Stage::train);
  event.at = "a\nb";
  EXPECT_THAT(to_json_line(event), Not(HasSubstr("\n")));
}

TEST(Event, IsRefusedWhenItIsCutShort) {
  const std::string line = to_json_line(sample_event(Event::Kind::progress, Stage::train));
  for (std::size_t length = 0; length < line.size(); ++length) {
    const auto read = event_from_json_line(line.substr(0, length));
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().kind, base::ErrorKind::bad_data);
  }
}

TEST(Event, IsRefusedWithAFieldThatIsMissingUnknownOrNotFinite) {
  const std::string line = to_json_line(sample_event(Event::Kind::progress, Stage::train));
  EXPECT_FALSE(event_from_json_line(edited(line, [](json& e) { e.erase("loss"); })).has_value());
  EXPECT_FALSE(event_from_json_line(edited(line, [](json& e) { e["colour"] = 1; })).has_value());
  EXPECT_FALSE(
      event_from_json_line(edited(line, [](json& e) { e["stage"] = "bake"; })).has_value());
  EXPECT_FALSE(event_from_json_line(edited(line, [](json& e) { e["position"] = -1; })).has_value());
  Event diverged = sample_event(Event::Kind::progress, Stage::train);
  diverged.loss = std::nan("");
  EXPECT_FALSE(event_from_json_line(to_json_line(diverged)).has_value());
}

TEST(Event, CarriesALossInTrainingOnly) {
  const std::string line = to_json_line(sample_event(Event::Kind::progress, Stage::certify));
  EXPECT_THAT(line, Not(HasSubstr("loss")));
  EXPECT_FALSE(event_from_json_line(edited(line, [](json& e) { e["loss"] = 1.0; })).has_value());
}

}  // namespace
}  // namespace heirloom::jobs
