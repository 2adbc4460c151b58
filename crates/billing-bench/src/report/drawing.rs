//! The bar chart, case by case.

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Report;
use crate::measure::{CaseReport, numbers};

const WIDTH: u32 = 900;
const ROW: i32 = 22;
const MARGIN: i32 = 14;
/// The left edge of the bars, and the maximum length.
const LEFT: i32 = 200;
const LONGEST: f64 = 520.0;

const OURS: RGBColor = RGBColor(38, 92, 168);
const OTHERS: RGBColor = RGBColor(150, 160, 172);
const TEXT: RGBColor = RGBColor(40, 44, 52);

/// The chart of `report` as SVG; each case has its own scale.
pub(crate) fn draw(report: &Report) -> Result<String> {
    let rows = report.cases.iter().map(|case| case.lines.len() + 2).sum::<usize>();
    let height = i32::try_from(rows)? * ROW + 2 * MARGIN;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, u32::try_from(height)?)).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        let mut top = MARGIN;
        for case in &report.cases {
            top = draw_case(&area, case, top)?;
        }
        area.present().map_err(failed)?;
    }
    Ok(svg)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// Draws `case` from `top` on, and returns the next top.
fn draw_case(area: &Area<'_>, case: &CaseReport, mut top: i32) -> Result<i32> {
    let bold = ("sans-serif", 17).into_font().style(FontStyle::Bold).color(&TEXT);
    area.draw(&Text::new(case.title.clone(), (MARGIN, top), bold)).map_err(failed)?;
    top += ROW;
    let most = case.lines.iter().map(|line| line.median).fold(1.0, f64::max);
    for (place, line) in case.lines.iter().enumerate() {
        let length = pixels(line.median / most * LONGEST);
        let color = if place == 0 { OURS } else { OTHERS };
        let bar = [(LEFT, top + 2), (LEFT + length.max(1), top + ROW - 4)];
        area.draw(&Rectangle::new(bar, color.filled())).map_err(failed)?;
        let style = ("sans-serif", 15).into_font().color(&TEXT);
        let right = style.clone().pos(Pos::new(HPos::Right, VPos::Top));
        area.draw(&Text::new(line.name.clone(), (LEFT - 8, top + 2), right)).map_err(failed)?;
        let label = format!("{:.0}/s, p99 {:.1} ms", line.median, line.p99_ms);
        area.draw(&Text::new(label, (LEFT + length + 8, top + 2), style)).map_err(failed)?;
        top += ROW;
    }
    Ok(top + ROW)
}

/// Whole pixels of a length.
fn pixels(length: f64) -> i32 {
    let mut whole = 0;
    while numbers::float(whole + 1) <= length {
        whole += 1;
    }
    i32::try_from(whole).unwrap_or_default()
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("the drawing failed: {error}")
}
