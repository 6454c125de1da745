//! A soak as a picture: what the relay held while it ran, as SVG.

use crate::pairs::Sample;
use std::fmt::Write as _;

const WIDTH: f64 = 860.0;
const PANEL: f64 = 170.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 44.0;
const GAP: f64 = 56.0;
/// Points of a line; of what lies between two the highest is shown.
const POINTS: usize = 400;

/// Draws memory and descriptors over time, one above the other.
pub fn svg(samples: &[Sample], title: &str) -> String {
    let seconds = samples.last().map_or(1.0, |last| last.at.as_secs_f64());
    let height = TOP + 2.0 * PANEL + 2.0 * GAP;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"18\" font-size=\"14\">{title}</text>\n",
        LEFT + WIDTH + 20.0
    );
    let memory = |sample: &Sample| sample.memory as f64 / 1e6;
    let descriptors = |sample: &Sample| sample.descriptors as f64;
    let mut panel = |top, name, of: &dyn Fn(&Sample) -> f64| {
        draw(&mut svg, top, name, samples, seconds, of);
    };
    panel(TOP, "resident memory, MB", &memory);
    panel(TOP + PANEL + GAP, "open descriptors", &descriptors);
    svg.push_str("</svg>\n");
    svg
}

fn draw(
    svg: &mut String,
    top: f64,
    name: &str,
    samples: &[Sample],
    seconds: f64,
    of: &dyn Fn(&Sample) -> f64,
) {
    let most = samples.iter().map(of).fold(0.0, f64::max);
    let step = round(most / 4.0);
    let highest = step * (most / step).ceil().max(1.0);
    let y = |value: f64| top + PANEL * (1.0 - value / highest);
    let x = |at: f64| LEFT + WIDTH * at / seconds;
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\">{name}</text>", top - 8.0);
    let mut line = 0.0;
    while line <= highest {
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {0:.1}h{WIDTH}\" stroke=\"#ddd\"/><text x=\"{1}\" y=\"{2:.1}\" text-anchor=\"end\">{line}</text>",
            y(line),
            LEFT - 8.0,
            y(line) + 4.0
        );
        line += step;
    }
    let every = round(seconds / 6.0);
    let mut at = 0.0;
    while at <= seconds {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{at} s</text>",
            x(at),
            top + PANEL + 18.0
        );
        at += every;
    }
    let points: Vec<String> = samples
        .chunks(samples.len().div_ceil(POINTS).max(1))
        .filter_map(|some| {
            let at = some.first()?.at.as_secs_f64();
            let value = some.iter().map(of).fold(0.0, f64::max);
            Some(format!("{:.1},{:.1}", x(at), y(value)))
        })
        .collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#15c\" stroke-width=\"1.5\"/>",
        points.join(" ")
    );
}

/// A step that people like: 1, 2 or 5 with zeros.
fn round(about: f64) -> f64 {
    let ten = 10_f64.powf(about.max(1.0).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * ten);
    steps.into_iter().find(|step| *step >= about).unwrap_or(ten)
}
