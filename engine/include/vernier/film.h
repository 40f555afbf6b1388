// A run as one file: curves, configuration, worst sequences, tokens and captured logits, to be opened anywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace vernier {

struct FilmOptions {
  std::string run_dir;
  std::string out;                  // an .html file; one of that name is replaced
  std::vector<std::int64_t> steps;  // whose tokens are shown; empty: some, from the first to the last
  std::int64_t worst = 12;          // sequences with the highest loss
  std::int64_t top = 8;             // tokens of a captured position
};

struct FilmResult {
  std::string path;
  std::uint64_t bytes = 0;
  std::vector<std::int64_t> steps;  // whose tokens are in it
  std::int64_t captures = 0;
  std::int64_t lost_captures = 0;  // left out, as their files are missing or damaged
};

// Writes one HTML file that needs no network, no model and no program but a browser; aside, then renamed; its folder is
// made where it is missing. Works while the run goes on. Long curves keep the extremes of every stretch. Errors:
// kNotFound where there is no run, or a step asked for is not in it; as writing; kCancelled where `stop` is asked for.
FilmResult write_run_film(const FilmOptions& options, const std::function<void(double)>& progress = {},
                          std::stop_token stop = {});

}  // namespace vernier
