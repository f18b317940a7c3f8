#include "core/jobs/train_settings.h"

#include <utility>

#include <fmt/format.h>

namespace heirloom::jobs {
namespace {

constexpr std::pair<Schedule, std::string_view> kSchedules[] = {{Schedule::constant, "constant"},
                                                                {Schedule::step, "step"},
                                                                {Schedule::multistep, "multistep"},
                                                                {Schedule::cosine, "cosine"},
                                                                {Schedule::one_cycle, "one_cycle"}};
constexpr std::pair<TrainPrecision, std::string_view> kPrecisions[] = {
    {TrainPrecision::fp32, "fp32"}, {TrainPrecision::bf16, "bf16"}};
constexpr std::pair<Augment, std::string_view> kAugments[] = {
    {Augment::none, "none"}, {Augment::crop, "crop"}, {Augment::crop_flip, "crop_flip"}};

template <typename Enum, std::size_t N>
std::string_view name_in(const std::pair<Enum, std::string_view> (&table)[N], Enum value) {
  for (const auto& [entry, name] : table) {
    if (entry == value) return name;
  }
  return "unknown";
}

template <typename Enum, std::size_t N>
base::Result<Enum> value_in(const std::pair<Enum, std::string_view> (&table)[N],
                            std::string_view text) {
  for (const auto& [entry, name] : table) {
    if (name == text) return entry;
  }
  return base::fail(base::ErrorKind::usage, fmt::format("is \"{}\", which is not known", text));
}

}  // namespace

std::string_view to_string(Schedule schedule) {
  return name_in(kSchedules, schedule);
}

base::Result<Schedule> parse_schedule(std::string_view text) {
  return value_in(kSchedules, text);
}

std::string_view to_string(TrainPrecision precision) {
  return name_in(kPrecisions, precision);
}

base::Result<TrainPrecision> parse_train_precision(std::string_view text) {
  return value_in(kPrecisions, text);
}

std::string_view to_string(Augment augment) {
  return name_in(kAugments, augment);
}

base::Result<Augment> parse_augment(std::string_view text) {
  return value_in(kAugments, text);
}

}  // namespace heirloom::jobs
