//! Places for boxes of given sizes.

use super::Layers;
use crate::workflow::graph::chart::Chart;

/// Between neighbours.
const GAP: f64 = 36.0;
/// Between layers: a label stands there.
const LAYER_GAP: f64 = 72.0;
/// Around everything.
const MARGIN: f64 = 24.0;
/// How often the order is improved, and then the places.
const SWEEPS: usize = 12;
/// Between arrows at the same side of a box, at most.
const PORT_GAP: f64 = 24.0;

/// A width and a height.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::workflow::graph) struct Size {
    pub(in crate::workflow::graph) width: f64,
    pub(in crate::workflow::graph) height: f64,
}

/// A place.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::workflow::graph) struct Point {
    pub(in crate::workflow::graph) x: f64,
    pub(in crate::workflow::graph) y: f64,
}

/// A box: its corner and its size.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::workflow::graph) struct Rect {
    pub(in crate::workflow::graph) corner: Point,
    pub(in crate::workflow::graph) size: Size,
}

/// Where everything stands.
#[derive(Debug, Default)]
pub(in crate::workflow::graph) struct Layout {
    /// By node.
    pub(in crate::workflow::graph) boxes: Vec<Rect>,
    /// By arrow: from its tail to its head. That of a node to itself has none.
    pub(in crate::workflow::graph) paths: Vec<Vec<Point>>,
    pub(in crate::workflow::graph) size: Size,
}

/// A node's place in its layer, or an arrow's on its way through one.
#[derive(Debug)]
struct Cell {
    layer: usize,
    size: Size,
    x: f64,
    above: Vec<usize>,
    below: Vec<usize>,
}

impl Layout {
    /// Places boxes of these sizes.
    pub(in crate::workflow::graph) fn of(chart: &Chart, sizes: &[Size]) -> Self {
        let layers = Layers::of(chart);
        let mut grid = Grid::new(&layers, sizes);
        let chains: Vec<Vec<usize>> = chart
            .edges
            .iter()
            .map(|edge| grid.connect(edge.from, edge.to))
            .collect();
        grid.order();
        grid.align();
        grid.finish(chart, &chains, sizes.len())
    }
}

struct Grid {
    cells: Vec<Cell>,
    /// Cells from left to right, by layer.
    rows: Vec<Vec<usize>>,
}

impl Grid {
    fn new(layers: &Layers, sizes: &[Size]) -> Self {
        let count = layers.layers.iter().max().map_or(0, |last| last + 1);
        let mut grid = Self {
            cells: Vec::new(),
            rows: vec![Vec::new(); count],
        };
        for (&layer, &size) in layers.layers.iter().zip(sizes) {
            grid.add(layer, size);
        }
        grid
    }

    fn add(&mut self, layer: usize, size: Size) -> usize {
        let at = self.cells.len();
        self.cells.push(Cell {
            layer,
            size,
            x: 0.0,
            above: Vec::new(),
            below: Vec::new(),
        });
        self.rows[layer].push(at);
        at
    }

    /// The cells of an arrow, from the upper node to the lower one; none where both are one.
    fn connect(&mut self, from: usize, to: usize) -> Vec<usize> {
        if from == to {
            return Vec::new();
        }
        let layer = |grid: &Self, cell: usize| grid.cells[cell].layer;
        let (upper, lower) = if layer(self, from) < layer(self, to) {
            (from, to)
        } else {
            (to, from)
        };
        let mut chain = vec![upper];
        for layer in layer(self, upper) + 1..layer(self, lower) {
            chain.push(self.add(layer, Size::default()));
        }
        chain.push(lower);
        for pair in chain.windows(2) {
            self.cells[pair[0]].below.push(pair[1]);
            self.cells[pair[1]].above.push(pair[0]);
        }
        chain
    }

    fn neighbours(&self, cell: usize, is_down: bool) -> &[usize] {
        let cell = &self.cells[cell];
        if is_down { &cell.above } else { &cell.below }
    }

    /// Orders each layer by where the neighbours of its cells stand, down and up in turn.
    fn order(&mut self) {
        let mut places = vec![0.0; self.cells.len()];
        for row in &self.rows {
            note(row, &mut places);
        }
        for sweep in 0..SWEEPS {
            let is_down = sweep % 2 == 0;
            for at in self.walk(is_down) {
                let mut row = std::mem::take(&mut self.rows[at]);
                let wish = |cell: &usize| {
                    let mean = mean(self.neighbours(*cell, is_down), &places);
                    mean.unwrap_or(places[*cell])
                };
                row.sort_by(|one, other| wish(one).total_cmp(&wish(other)));
                note(&row, &mut places);
                self.rows[at] = row;
            }
        }
    }

    fn walk(&self, is_down: bool) -> Vec<usize> {
        let rows = 0..self.rows.len();
        if is_down {
            rows.collect()
        } else {
            rows.rev().collect()
        }
    }

    /// Moves cells below and above their neighbours, keeping their order and distances.
    fn align(&mut self) {
        for row in 0..self.rows.len() {
            self.place_row(row, |_| 0.0);
        }
        for sweep in 0..=SWEEPS {
            let is_down = sweep % 2 == 0;
            for at in self.walk(is_down) {
                let xs: Vec<f64> = self.cells.iter().map(|cell| cell.x).collect();
                let wishes: Vec<f64> = (0..self.cells.len())
                    .map(|cell| mean(self.neighbours(cell, is_down), &xs).unwrap_or(xs[cell]))
                    .collect();
                self.place_row(at, |cell| wishes[cell]);
            }
        }
    }

    /// The places that are nearest to the wishes of a row's cells (least squares; pools of neighbours that push).
    fn place_row(&mut self, row: usize, wish: impl Fn(usize) -> f64) {
        let row = &self.rows[row];
        let mut offsets = Vec::with_capacity(row.len());
        let mut offset = 0.0;
        for (at, &cell) in row.iter().enumerate() {
            if at > 0 {
                let before = self.cells[row[at - 1]].size.width;
                offset += f64::midpoint(before, self.cells[cell].size.width) + GAP;
            }
            offsets.push(offset);
        }
        // Sum of the wishes, and how many there are.
        let mut pools: Vec<(f64, f64)> = Vec::new();
        let mut lengths: Vec<usize> = Vec::new();
        for (&cell, offset) in row.iter().zip(&offsets) {
            let mut pool = (wish(cell) - offset, 1.0);
            let mut length = 1;
            while let Some(&(sum, count)) = pools.last()
                && sum / count > pool.0 / pool.1
            {
                pool = (pool.0 + sum, pool.1 + count);
                length += lengths.pop().unwrap_or_default();
                pools.pop();
            }
            pools.push(pool);
            lengths.push(length);
        }
        let fitted = pools
            .iter()
            .zip(&lengths)
            .flat_map(|((sum, count), length)| std::iter::repeat_n(sum / count, *length));
        let places: Vec<f64> = fitted
            .zip(&offsets)
            .map(|(fit, offset)| fit + offset)
            .collect();
        for (&cell, x) in row.clone().iter().zip(places) {
            self.cells[cell].x = x;
        }
    }

    fn finish(mut self, chart: &Chart, chains: &[Vec<usize>], nodes: usize) -> Layout {
        let left = |cell: &Cell| cell.x - cell.size.width / 2.0;
        let least = self.cells.iter().map(left).fold(f64::INFINITY, f64::min);
        for cell in &mut self.cells {
            cell.x += MARGIN - least;
        }
        let (tops, heights, height) = self.heights();
        let boxes: Vec<Rect> = self.cells[..nodes]
            .iter()
            .map(|cell| Rect {
                corner: Point {
                    x: cell.x - cell.size.width / 2.0,
                    y: tops[cell.layer] + (heights[cell.layer] - cell.size.height) / 2.0,
                },
                size: cell.size,
            })
            .collect();
        let paths = (0..chains.len())
            .map(|edge| self.path(chart, chains, edge, &boxes, (&tops, &heights)))
            .collect();
        let right = |cell: &Cell| cell.x + cell.size.width / 2.0;
        let width = self.cells.iter().map(right).fold(0.0, f64::max) + MARGIN;
        Layout {
            boxes,
            paths,
            size: Size { width, height },
        }
    }

    /// Where layers begin, how high they are, and the height of all.
    fn heights(&self) -> (Vec<f64>, Vec<f64>, f64) {
        let mut tops = Vec::new();
        let mut heights = Vec::new();
        let mut top = MARGIN;
        for row in &self.rows {
            let cells = row.iter().map(|cell| self.cells[*cell].size.height);
            let height = cells.fold(0.0, f64::max);
            tops.push(top);
            heights.push(height);
            top += height + LAYER_GAP;
        }
        let height = if tops.is_empty() {
            2.0 * MARGIN
        } else {
            top - LAYER_GAP + MARGIN
        };
        (tops, heights, height)
    }

    /// An arrow's way from tail to head.
    fn path(
        &self,
        chart: &Chart,
        chains: &[Vec<usize>],
        edge: usize,
        boxes: &[Rect],
        (tops, heights): (&[f64], &[f64]),
    ) -> Vec<Point> {
        let chain = &chains[edge];
        let (Some(&upper), Some(&lower)) = (chain.first(), chain.last()) else {
            return Vec::new();
        };
        let bottom = boxes[upper].corner.y + boxes[upper].size.height;
        let mut points = vec![Point {
            x: self.port(chains, edge, upper, true),
            y: bottom,
        }];
        for &cell in &chain[1..chain.len() - 1] {
            let Cell { x, layer, .. } = self.cells[cell];
            points.push(Point { x, y: tops[layer] });
            points.push(Point {
                x,
                y: tops[layer] + heights[layer],
            });
        }
        points.push(Point {
            x: self.port(chains, edge, lower, false),
            y: boxes[lower].corner.y,
        });
        if chart.edges[edge].from == lower {
            points.reverse();
        }
        points
    }

    /// Where an arrow touches a box: side by side with the others there, in the order in which they arrive.
    fn port(&self, chains: &[Vec<usize>], edge: usize, node: usize, is_below: bool) -> f64 {
        let other = |chain: &[usize]| match is_below {
            true if chain.first() == Some(&node) => chain.get(1).copied(),
            false if chain.last() == Some(&node) => chain.iter().rev().nth(1).copied(),
            _ => None,
        };
        let mut touching: Vec<(usize, f64)> = chains
            .iter()
            .enumerate()
            .filter_map(|(at, chain)| Some((at, self.cells[other(chain)?].x)))
            .collect();
        touching.sort_by(|(_, one), (_, another)| one.total_cmp(another));
        let place = touching.iter().position(|(at, _)| *at == edge);
        let cell = &self.cells[node];
        let gap = PORT_GAP.min(cell.size.width / as_float(touching.len() + 1));
        let middle = as_float(touching.len().saturating_sub(1)) / 2.0;
        cell.x + (as_float(place.unwrap_or_default()) - middle) * gap
    }
}

/// Notes places in a row.
fn note(row: &[usize], places: &mut [f64]) {
    for (at, &cell) in row.iter().enumerate() {
        places[cell] = as_float(at) / as_float(row.len().max(1));
    }
}

fn mean(cells: &[usize], places: &[f64]) -> Option<f64> {
    let sum: f64 = cells.iter().map(|cell| places[*cell]).sum();
    (!cells.is_empty()).then(|| sum / as_float(cells.len()))
}

/// Exact: there are far fewer boxes.
pub(in crate::workflow::graph) fn as_float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
