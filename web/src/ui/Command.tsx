/** A command for a terminal, to read and to copy. */
import { t } from '../app/messages';
import classes from './Command.module.css';
import { CopyButton } from './CopyButton';

export function Command({ label, text }: { label: string; text: string }) {
  return (
    <figure className={classes.command} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard */}
      <pre className={classes.text} tabIndex={0} dir="ltr">
        <code>{text}</code>
      </pre>
      <div className={classes.copy}>
        <CopyButton text={text} label={t('common.copy')} />
      </div>
    </figure>
  );
}
