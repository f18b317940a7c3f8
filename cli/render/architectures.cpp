#include "cli/render/architectures.h"

#include <vector>

#include "cli/render/table.h"
#include "core/jobs/architectures.h"

namespace heirloom::cli {
namespace {

Json parameter_json(const jobs::ArchParameter& parameter) {
  Json json = {{"name", parameter.name},
               {"meaning", parameter.meaning},
               {"type", parameter.is_word() ? "word" : "integer"}};
  if (parameter.is_word()) {
    json["default"] = parameter.default_text();
    json["words"] = parameter.words;
  } else {
    json["default"] = parameter.default_value;
    json["minimum"] = parameter.minimum;
    json["maximum"] = parameter.maximum;
    json["step"] = parameter.step;
  }
  return json;
}

}  // namespace

std::string render_architectures(const Style& style) {
  const std::vector<Column> columns = {
      {"ARCHITECTURE"}, {"PARAMETER"}, {"DEFAULT", true}, {"VALUES"}, {"WHAT IT IS", false, 1}};
  std::vector<std::vector<Cell>> rows;
  for (const jobs::Architecture& architecture : jobs::architectures()) {
    rows.push_back({{std::string(architecture.name), Tone::strong},
                    {},
                    {},
                    {},
                    {std::string(architecture.summary)}});
    for (const jobs::ArchParameter& parameter : architecture.parameters) {
      rows.push_back({{},
                      {std::string(parameter.name)},
                      {parameter.default_text()},
                      {parameter.range_text()},
                      {std::string(parameter.meaning), Tone::dim}});
    }
  }
  return render_table(columns, rows, style);
}

Json architectures_json() {
  Json json = Json::array();
  for (const jobs::Architecture& architecture : jobs::architectures()) {
    Json parameters = Json::array();
    for (const jobs::ArchParameter& parameter : architecture.parameters) {
      parameters.push_back(parameter_json(parameter));
    }
    json.push_back({{"name", architecture.name},
                    {"summary", architecture.summary},
                    {"parameters", std::move(parameters)}});
  }
  return json;
}

}  // namespace heirloom::cli
