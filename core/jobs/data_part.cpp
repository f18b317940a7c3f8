#include "core/jobs/data_part.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "core/jobs/parts_json.h"

namespace heirloom::jobs {
namespace {

Json folder_json(const PictureFolder& folder) {
  return Json{
      {"path", folder.path}, {"classes", folder.classes}, {"manifest", file_json(folder.manifest)}};
}

PictureFolder read_folder(ObjectReader reader) {
  PictureFolder folder;
  folder.path = reader.required_text("path");
  folder.classes = reader.texts("classes");
  ObjectReader manifest = reader.object("manifest");
  folder.manifest.path = manifest.text("path");
  folder.manifest.sha256 = manifest.digest("sha256");
  folder.manifest.bytes = manifest.natural("bytes");
  manifest.done();
  reader.done();
  return folder;
}

}  // namespace

std::string_view to_string(DataFormat format) {
  switch (format) {
    case DataFormat::idx:
      return "idx";
    case DataFormat::cifar:
      return "cifar";
    case DataFormat::folder:
      return "folder";
    case DataFormat::glyphs:
      return "glyphs";
  }
  return "unknown";
}

base::Result<DataFormat> parse_data_format(std::string_view text) {
  for (const DataFormat format :
       {DataFormat::idx, DataFormat::cifar, DataFormat::folder, DataFormat::glyphs}) {
    if (text == to_string(format)) return format;
  }
  return base::fail(base::ErrorKind::usage, fmt::format("\"{}\" is not a data format", text),
                    "idx, cifar, folder or glyphs");
}

std::size_t most_paths(DataFormat format) {
  switch (format) {
    case DataFormat::idx:
      return 2;
    case DataFormat::cifar:
      return std::numeric_limits<std::size_t>::max();
    case DataFormat::folder:
    case DataFormat::glyphs:
      return 1;
  }
  return 0;
}

Json file_json(const FileRef& file) {
  return Json{{"path", file.path}, {"sha256", file.sha256.hex()}, {"bytes", file.bytes}};
}

FileRef read_file_ref(ObjectReader reader) {
  FileRef file;
  file.path = reader.required_text("path");
  file.sha256 = reader.digest("sha256");
  file.bytes = reader.natural("bytes");
  reader.done();
  return file;
}

Json part_json(const DataPart& part) {
  Json files = Json::array();
  for (const FileRef& file : part.files) files.push_back(file_json(file));
  Json json{{"format", to_string(part.format)},  {"files", std::move(files)},
            {"glyphs_seed", part.glyphs_seed},   {"examples", part.examples},
            {"class_counts", part.class_counts}, {"digest", part.digest.hex()}};
  if (part.folder) json["folder"] = folder_json(*part.folder);
  return json;
}

DataPart read_part(ObjectReader reader) {
  DataPart part;
  part.format = reader.word("format", &parse_data_format);
  reader.each_item("files", [&](const std::string&, const Json& item, const std::string& path) {
    part.files.push_back(read_file_ref(reader.nested(item, path)));
  });
  part.glyphs_seed = reader.natural("glyphs_seed");
  part.examples = reader.natural("examples");
  part.class_counts = reader.naturals("class_counts");
  part.digest = reader.digest("digest");
  if (part.format == DataFormat::folder) {
    part.folder = read_folder(reader.object("folder"));
    if (part.folder->classes.size() != part.class_counts.size()) {
      reader.report("folder", "must name as many classes as `class_counts` has");
    }
  }
  // Unsigned sums wrap, so a wrong sum cannot overflow into undefined behaviour.
  const std::uint64_t sum =
      std::accumulate(part.class_counts.begin(), part.class_counts.end(), std::uint64_t{0});
  if (sum != part.examples) reader.report("class_counts", "must sum to `examples`");
  reader.done();
  return part;
}

std::string in_words(const std::vector<std::string>& classes) {
  constexpr std::size_t kMost = 100;
  std::string words;
  for (std::size_t i = 0; i < std::min(classes.size(), kMost); ++i) {
    words += (i == 0 ? "" : ", ") + classes[i];
  }
  if (classes.size() > kMost) words += fmt::format(", and {} more", classes.size() - kMost);
  return words;
}

std::string to_json(const DataPart& part) {
  return dump(part_json(part));
}

base::Result<DataPart> data_part_from_json(std::string_view text) {
  Problem problem("data part", base::ErrorKind::bad_data);
  const Json json = parse_json(text, problem);
  DataPart part = read_part(ObjectReader(json, "", problem));
  if (problem.found()) return tl::unexpected(problem.error());
  return part;
}

base::Digest holdout_id(std::vector<base::Digest> example_digests) {
  std::sort(example_digests.begin(), example_digests.end());
  base::FieldEncoder fields;
  fields.text("heirloom/holdout/v1");
  for (const base::Digest& example : example_digests) fields.digest(example);
  return fields.sha256();
}

}  // namespace heirloom::jobs
