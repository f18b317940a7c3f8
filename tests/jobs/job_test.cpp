#include "core/jobs/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/jobs/setting_list.h"
#include "tests/jobs/samples.h"

namespace heirloom::jobs {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::vector<Task> every_task() {
  SmoothMixMethod smoothmix{3, 5, 0.5, 2.5, 1, true};
  TransferMethod transfer{
      {"/artifacts/teacher.pt", digest_of("teacher"), 5}, 0.75, MatchOn::softmax};
  InspectSnapshot with_holdout{
      {DataFormat::idx, {"/a", "/b"}}, true, {DataFormat::glyphs, {"7:1000"}}};
  InspectSnapshot without{{DataFormat::idx, {"/a"}}, false, {}};
  Train glyphs = sample_train(GaussianMethod{});
  glyphs.train = sample_glyphs();
  Train scripted = sample_train(GaussianMethod{});
  scripted.arch = {std::string(kTorchScript), {{"frozen_norm", "true"}}};
  scripted.file = {"/artifacts/module.pt", digest_of("module"), 7};
  Train folder = sample_train(GaussianMethod{});
  folder.train = sample_folder();
  return {InspectVersion{{"lenet", {}}},
          InspectVersion{{std::string(kTorchScript), {}}, "/models/net.pt"},
          InspectVersion{{"lenet", {}}, "/weights/w.safetensors"},
          InspectVersion{{std::string(kTorchScript), {}}, "/models/net.pt", digest_of("net")},
          scripted,
          with_holdout,
          without,
          sample_train(GaussianMethod{}),
          sample_train(StabilityMethod{0.5}),
          sample_train(SmoothAdvMethod{3, 5, 0.5, 1}),
          sample_train(MacerMethod{3, 6.0, 8.0, 4.0, 2}),
          sample_train(ConsistencyMethod{3, 10.0, 0.25}),
          sample_train(smoothmix),
          sample_train(CatRsMethod{3, 5, 0.5, 2.0}),
          sample_train(transfer),
          glyphs,
          folder,
          sample_certify(),
          sample_attack(),
          sample_drift(),
          sample_predict()};
}

TEST(Job, SurvivesARoundTripWithEveryTask) {
  for (const Task& task : every_task()) {
    const std::string text = to_json(job_with(task));
    const auto read = job_from_json(text);
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(to_json(*read), text);
    EXPECT_EQ(task_kind(read->task), task_kind(task));
    EXPECT_EQ(read->task.index(), task.index());
  }
}

TEST(Job, KeepsEveryFieldOfTraining) {
  const auto read =
      job_from_json(to_json(job_with(sample_train(SmoothMixMethod{3, 5, .5, 2.5, 1, true}))));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->id, 12);
  EXPECT_EQ(read->attempt, 3);
  EXPECT_EQ(read->epoch, 4);
  EXPECT_EQ(read->threads, 2);
  EXPECT_EQ(read->model, (ModelSpec{"digits", {1, 28, 28}, 2, 0.25}));
  const Train& train = std::get<Train>(read->task);
  EXPECT_EQ(train.arch, (ArchSpec{"resnet", {{"depth", "8"}, {"width", "16"}}}));
  EXPECT_EQ(train.train, sample_part());
  EXPECT_EQ(train.file, (FileRef{"/weights/w.safetensors", digest_of("weights"), 4096}));
  EXPECT_EQ(train.seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(train.settings.epochs, 7);
  EXPECT_EQ(train.settings.batch, 128);
  EXPECT_EQ(train.settings.learning_rate, 0.1);
  EXPECT_EQ(train.settings.momentum, 0.8);
  EXPECT_EQ(train.settings.weight_decay, 5e-4);
  EXPECT_EQ(train.settings.schedule, Schedule::multistep);
  EXPECT_EQ(train.settings.milestones, (std::vector{3, 5}));
  EXPECT_EQ(train.settings.milestone_factor, 0.2);
  EXPECT_EQ(train.settings.label_smoothing, 0.1);
  EXPECT_EQ(train.settings.clip_norm, 2.0);
  EXPECT_EQ(train.settings.ema_decay, 0.99);
  EXPECT_EQ(train.settings.train_precision, TrainPrecision::bf16);
  EXPECT_EQ(train.settings.augment, Augment::crop_flip);
  const auto& method = std::get<SmoothMixMethod>(train.method);
  EXPECT_EQ(method.draws, 3);
  EXPECT_EQ(method.steps, 5);
  EXPECT_EQ(method.step_size, 0.5);
  EXPECT_EQ(method.eta, 2.5);
  EXPECT_EQ(method.warmup_epochs, 1);
  EXPECT_TRUE(method.one_step);
}

// The values of every setting of a method, as text.
std::string settings_of(TrainMethod method) {
  std::string text(method_name(method));
  std::visit(
      [&](auto& settings) {
        for_each_setting(settings, [&](const char* name, const auto& value, const Range&) {
          if constexpr (std::is_enum_v<std::decay_t<decltype(value)>>) {
            text += std::string(" ") + name + "=" + std::string(to_string(value));
          } else {
            text += std::string(" ") + name + "=" + json(value).dump();
          }
        });
      },
      method);
  return text;
}

TEST(Job, KeepsEverySettingOfEveryMethod) {
  for (const Task& task : every_task()) {
    const auto* sent = std::get_if<Train>(&task);
    if (sent == nullptr) continue;
    const auto read = task_from_json(task_to_json(task));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(settings_of(std::get<Train>(*read).method), settings_of(sent->method));
  }
  EXPECT_EQ(settings_of(CatRsMethod{3, 5, 0.5, 2.0}),
            "catrs draws=3 steps=5 epsilon=0.5 lambda=2.0");
}

TEST(Job, ARequestThatWasStoredBeforeFilesWereSignedIsStillRead) {
  json stored = json::parse(task_to_json(InspectVersion{{"lenet", {}}, "/w"}));
  stored.erase("sha256");
  const auto read = task_from_json(stored.dump());
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_FALSE(std::get<InspectVersion>(*read).sha256.has_value());
}

TEST(Job, KeepsEveryFieldOfAPrediction) {
  const Predict sent = sample_predict();
  const auto read = task_from_json(task_to_json(sent));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  const Predict& predict = std::get<Predict>(*read);
  EXPECT_EQ(predict.model, sent.model);
  EXPECT_EQ(predict.classifier_id, sent.classifier_id);
  EXPECT_EQ(predict.kernel, "kernel");
  EXPECT_EQ(predict.forward_batch, 64);
  EXPECT_TRUE(predict.grid);
  EXPECT_EQ(predict.n0, 100U);
  EXPECT_EQ(predict.n, 10000U);
  EXPECT_EQ(predict.alpha, 0.001);
  EXPECT_EQ(predict.noise_key, sent.noise_key);
  EXPECT_EQ(predict.files, sent.files);
}

TEST(Job, PredictsSomethingWithSomeDraws) {
  const std::string text = task_to_json(sample_predict());
  const std::vector<std::pair<std::string, json>> wrong = {
      {"/files", json::array()}, {"/n0", 0},         {"/n", 0},
      {"/n", 4294967296},        {"/alpha", 0.0},    {"/forward_batch", 0},
      {"/files/0/name", ""},     {"/files/0/no", 1}, {"/files/1/count", -1}};
  for (const auto& [at, value] : wrong) {
    const auto read = task_from_json(edited(text, [&, &where = at, &what = value](json& task) {
      task[json::json_pointer(where)] = what;
    }));
    EXPECT_FALSE(read.has_value()) << at;
  }
}

TEST(Job, KeepsEveryFieldOfATransfer) {
  const TransferMethod sent{{"/t.pt", digest_of("t"), 5}, 0.75, MatchOn::softmax};
  const auto read = task_from_json(task_to_json(sample_train(sent)));
  ASSERT_TRUE(read.has_value());
  const auto& method = std::get<TransferMethod>(std::get<Train>(*read).method);
  EXPECT_EQ(method.teacher, sent.teacher);
  EXPECT_EQ(method.alpha, 0.75);
  EXPECT_EQ(method.match_on, MatchOn::softmax);
}

TEST(Job, KeepsEveryFieldOfACertification) {
  const Certify sent = sample_certify();
  const auto read = task_from_json(task_to_json(sent));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  const Certify& task = std::get<Certify>(*read);
  EXPECT_EQ(task.model, sent.model);
  EXPECT_EQ(task.classifier_id, sent.classifier_id);
  EXPECT_EQ(task.holdout, sent.holdout);
  EXPECT_EQ(task.protocol, sent.protocol);
  EXPECT_EQ(task.examples, sent.examples);
  EXPECT_EQ(task.noise_key, sent.noise_key);
  EXPECT_EQ(task.floors, sent.floors);
  EXPECT_EQ(task.shard, sent.shard);
  EXPECT_EQ(task.shards, sent.shards);
}

TEST(Job, KeepsEveryFieldOfAnInspection) {
  const InspectSnapshot sent{{DataFormat::idx, {"/a", "/b"}}, true, {DataFormat::glyphs, {"7:9"}}};
  const auto read = task_from_json(task_to_json(sent));
  ASSERT_TRUE(read.has_value());
  const auto& task = std::get<InspectSnapshot>(*read);
  EXPECT_EQ(task.train, sent.train);
  EXPECT_TRUE(task.has_holdout);
  EXPECT_EQ(task.holdout, sent.holdout);
}

TEST(Job, NamesItsKind) {
  EXPECT_EQ(task_kind(InspectVersion{}), "inspect");
  EXPECT_EQ(task_kind(InspectSnapshot{}), "inspect");
  EXPECT_EQ(task_kind(sample_train(GaussianMethod{})), "train");
  EXPECT_EQ(task_kind(sample_train(TransferMethod{})), "transfer");
  EXPECT_EQ(task_kind(sample_certify()), "certify");
  EXPECT_EQ(task_kind(sample_attack()), "attack");
  EXPECT_EQ(method_name(SmoothMixMethod{}), "smoothmix");
}

// Removes or misnames each field of each object in turn: nothing may be optional.
void for_each_object(const json& node, const json::json_pointer& at,
                     const std::function<void(const json::json_pointer&)>& visit) {
  if (node.is_object()) visit(at);
  if (!node.is_structured()) return;
  for (const auto& [key, value] : node.items()) {
    for_each_object(value, node.is_array() ? at / std::stoul(key) : at / key, visit);
  }
}

bool holds_words_of_users(const json::json_pointer& at) {
  return !at.empty() && at.back() == "parameters";
}

TEST(Job, IsRefusedWhenAnyFieldIsMissing) {
  for (const Task& task : every_task()) {
    const json whole = json::parse(to_json(job_with(task)));
    for_each_object(whole, json::json_pointer(), [&](const json::json_pointer& at) {
      if (holds_words_of_users(at)) return;
      for (const auto& [key, value] : whole[at].items()) {
        json changed = whole;
        changed[at].erase(key);
        const auto read = job_from_json(changed.dump());
        ASSERT_FALSE(read.has_value()) << at.to_string() << " without " << key;
        EXPECT_EQ(read.error().kind, base::ErrorKind::usage);
        EXPECT_THAT(read.error().message, HasSubstr(key));
      }
    });
  }
}

TEST(Job, IsRefusedWhenAnyObjectHasAnUnknownField) {
  for (const Task& task : every_task()) {
    const json whole = json::parse(to_json(job_with(task)));
    for_each_object(whole, json::json_pointer(), [&](const json::json_pointer& at) {
      if (holds_words_of_users(at)) return;
      json changed = whole;
      changed[at]["surplus"] = 1;
      const auto read = job_from_json(changed.dump());
      ASSERT_FALSE(read.has_value()) << at.to_string();
      EXPECT_THAT(read.error().message, HasSubstr("surplus` is not known"));
    });
  }
}

TEST(Job, IsRefusedWhenAnyFieldHasAnotherType) {
  for (const Task& task : every_task()) {
    const json whole = json::parse(to_json(job_with(task)));
    for_each_object(whole, json::json_pointer(), [&](const json::json_pointer& at) {
      for (const auto& [key, value] : whole[at].items()) {
        json changed = whole;
        changed[at][key] = value.is_boolean() ? json("true") : json(true);
        const auto read = job_from_json(changed.dump());
        ASSERT_FALSE(read.has_value()) << at.to_string() << " " << key;
        EXPECT_THAT(read.error().message, HasSubstr(holds_words_of_users(at) ? "strings" : key));
      }
    });
  }
}

struct BadValue {
  const char* at;
  json value;
  const char* message;
};

void PrintTo(const BadValue& bad, std::ostream* out) {
  *out << bad.at << " " << bad.value;
}

class BadTraining : public testing::TestWithParam<BadValue> {};

TEST_P(BadTraining, IsRefusedByName) {
  const std::string text = to_json(job_with(sample_train(SmoothMixMethod{})));
  const auto read = job_from_json(
      edited(text, [](json& job) { job[json::json_pointer(GetParam().at)] = GetParam().value; }));
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Job, BadTraining,
    testing::Values(
        BadValue{"/contract", 2, "`contract` is 2, but this build speaks 1"},
        BadValue{"/attempt", 0, "`attempt`"}, BadValue{"/threads", 0, "`threads`"},
        BadValue{"/id", 1.5, "`id` must be a whole number"},
        BadValue{"/id", 9223372036854775808u, "`id` must be a whole number"},
        BadValue{"/model/sigma", 0.0, "`model.sigma` must be positive"},
        BadValue{"/model/classes", 1, "`model.classes`"},
        BadValue{"/model/input/width", -3, "`model.input.width`"},
        BadValue{"/task/kind", "bake", "`task.kind`"},
        BadValue{"/task/kind", "transfer", "does not fit its method"},
        BadValue{"/task/seed", -1, "`task.seed`"}, BadValue{"/task/seed", 1.0, "`task.seed`"},
        BadValue{"/task/settings/epochs", 0, "`task.settings.epochs`"},
        BadValue{"/task/settings/epochs", 3000000000, "`task.settings.epochs`"},
        BadValue{"/task/settings/schedule", "linear", "`task.settings.schedule`"},
        BadValue{"/task/settings/train_precision", "fp16", "`task.settings.train_precision`"},
        BadValue{"/task/settings/augment", "flip", "`task.settings.augment`"},
        BadValue{"/task/settings/milestones", json::array({0, 2}), "`task.settings.milestones`"},
        BadValue{"/task/settings/momentum", 1.0, "`task.settings.momentum`"},
        BadValue{"/task/method/name", "mixup", "`task.method.name`"},
        BadValue{"/task/method/draws", 257, "`task.method.draws`"},
        BadValue{"/task/method/step_size", 0.0, "`task.method.step_size`"},
        BadValue{"/task/method/step_size", 1001.0, "`task.method.step_size`"},
        BadValue{"/task/method/one_step", 1, "`task.method.one_step`"},
        BadValue{"/task/train/format", "png", "`task.train.format`"},
        BadValue{"/task/train/format", "folder", "`task.train.folder`"},
        BadValue{"/task/train/digest", "abc", "64 lower-case hex digits"},
        BadValue{"/task/train/class_counts", json::array({4, 4}), "must sum"},
        BadValue{"/task/train/files/1/bytes", -1, "`task.train.files[1].bytes`"}));

TEST(Job, RefusesExamplesThatAreNotAnAscendingListOfTheHoldout) {
  const std::string text = task_to_json(sample_certify());
  for (const json& list : {json::array(), json::array({3, 0}), json::array({3, 3}),
                           json::array({0, 9}), json::array({-1}), json::array({4294967296})}) {
    const auto read = task_from_json(edited(text, [&](json& task) { task["examples"] = list; }));
    ASSERT_FALSE(read.has_value()) << list;
    EXPECT_THAT(read.error().message, HasSubstr("examples"));
  }
}

TEST(Job, RefusesWhatIsNoJsonAndFieldsGivenTwice) {
  EXPECT_THAT(job_from_json("{").error().message, HasSubstr("not JSON"));
  EXPECT_THAT(job_from_json("").error().message, HasSubstr("not JSON"));
  EXPECT_THAT(job_from_json("[]").error().message, HasSubstr("must be an object"));
  std::string twice = to_json(job_with(sample_certify()));
  twice.insert(1, "\"threads\":8,");
  const auto read = job_from_json(twice);
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message, HasSubstr("`threads` is there twice"));
}

TEST(DataPart, SurvivesARoundTrip) {
  for (const DataPart& part : {sample_part(), sample_glyphs(), sample_folder()}) {
    const auto read = data_part_from_json(to_json(part));
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(*read, part);
  }
}

TEST(DataPart, IsBadDataWhenItIsDamaged) {
  const auto read =
      data_part_from_json(edited(to_json(sample_part()), [](json& part) { part.erase("digest"); }));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, base::ErrorKind::bad_data);
}

TEST(Job, KeepsEveryFieldOfAnAttack) {
  const auto read = task_from_json(task_to_json(sample_attack()));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  const auto& attack = std::get<Attack>(*read);
  EXPECT_EQ(attack.model, sample_attack().model);
  EXPECT_EQ(attack.classifier_id, digest_of("classifier"));
  EXPECT_EQ(attack.holdout, sample_part());
  EXPECT_EQ(attack.protocol, R"({"mode":"exact","n":700})");
  EXPECT_EQ(attack.targets, sample_attack().targets);
  EXPECT_EQ(attack.noise_key, digest_of("secret"));
}

TEST(Job, RefusesAnAttackThatCannotBe) {
  const std::string good = task_to_json(sample_attack());
  const auto refusal = [&](const std::function<void(json&)>& change) {
    const auto read = task_from_json(edited(good, change));
    return read ? std::string() : read.error().message;
  };
  EXPECT_THAT(refusal([](json& j) { j["targets"] = json::array(); }), HasSubstr("empty"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][1]["index"] = 9; }), HasSubstr("9 of 9"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][1]["index"] = 0; }), HasSubstr("ascend"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0]["epsilon"] = 0.0; }), HasSubstr("epsilon"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0]["claimed"] = -1; }), HasSubstr("claimed"));
  EXPECT_THAT(refusal([](json& j) { j["targets"][0]["radius"] = 1; }), HasSubstr("radius"));
}

TEST(Job, KeepsEveryFieldOfADriftTest) {
  const auto read = task_from_json(task_to_json(sample_drift()));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  const auto& drift = std::get<Drift>(*read);
  const Drift sent = sample_drift();
  EXPECT_EQ(drift.model, sent.model);
  EXPECT_EQ(drift.classifier_id, sent.classifier_id);
  EXPECT_EQ(drift.protocol, sent.protocol);
  EXPECT_EQ(drift.noise_key, sent.noise_key);
  EXPECT_EQ(drift.radius, sent.radius);
  EXPECT_EQ(drift.reference, sent.reference);
  EXPECT_EQ(drift.reference_examples, sent.reference_examples);
  EXPECT_EQ(drift.reference_outputs, sent.reference_outputs);
  EXPECT_EQ(drift.reference_labels, sent.reference_labels);
  EXPECT_EQ(drift.fresh, sent.fresh);
  EXPECT_EQ(drift.known, sent.known);
  EXPECT_EQ(drift.batch, sent.batch);
  EXPECT_EQ(drift.labels, sent.labels);
  EXPECT_EQ(drift.seed, sent.seed);
  EXPECT_EQ(drift.tests, sent.tests);
}

TEST(Job, RefusesADriftTestThatCannotBe) {
  const std::vector<std::pair<std::function<void(json&)>, std::string>> wrong = {
      {[](json& task) { task["tests"] = json::array(); }, "`tests` must not be empty"},
      {[](json& task) { task["tests"][0]["level"] = 0; }, "bbsd_ks has no level"},
      {[](json& task) { task["tests"][0]["test"] = "ks"; }, "no drift test"},
      {[](json& task) {
         task["reference_examples"] = {3, 3};
       },
       "must ascend"},
      {[](json& task) { task["reference_examples"] = {9}; }, "within the reference"},
      {[](json& task) { task["batch"] = 19; }, "`batch`"},
      {[](json& task) { task["radius"] = 0; }, "`radius`"}};
  for (const auto& [change, words] : wrong) {
    const auto read = task_from_json(edited(task_to_json(sample_drift()), change));
    ASSERT_FALSE(read.has_value()) << words;
    EXPECT_THAT(read.error().text(), HasSubstr(words));
  }
}

}  // namespace
}  // namespace heirloom::jobs
