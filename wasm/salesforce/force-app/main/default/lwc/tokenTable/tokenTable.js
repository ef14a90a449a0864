// Salesforce's table with a cell for the uses of a token.
import LightningDatatable from 'lightning/datatable';
import usesCell from './usesCell.html';

export default class TokenTable extends LightningDatatable {
  static customTypes = {
    uses: { template: usesCell, standardCellLayout: true, typeAttributes: [] },
  };
}
